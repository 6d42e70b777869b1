# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A parameter of Parameter Store that keeps what was live before a change. Each put adds a version; 100 are kept."""

from __future__ import annotations

from typing import Any

from .. import tags as tagging
from ..failures import AwsFailure
from ..plan import Aws, Request
from ..tags import Tags

ROOT = "/video_scaling"
STANDARD_BYTES = 4096
ADVANCED_BYTES = 8192
GONE = ("ParameterNotFound",)


def first_put(name: str, value: str, tags: Tags, is_advanced: bool = False) -> Request:
    """A put that AWS refuses where the parameter is there already."""
    given = {"Tags": tagging.to_list(tags)} if tags else {}
    return _put(name, value, is_advanced, Overwrite=False, **given)


def put(name: str, value: str, tags: Tags, exists: bool, is_advanced: bool) -> Request:
    """A put that adds a version.

    One that may overwrite takes no tags (observed: hashicorp/terraform-provider-aws issue 18550), so that of a new
    parameter which gets tags may not.

    :param exists: whether the parameter has a version already. :param is_advanced: it cannot become a standard one.
    """
    if tags and not exists:
        return first_put(name, value, tags, is_advanced)
    return _put(name, value, is_advanced, Overwrite=True)


def _put(name: str, value: str, is_advanced: bool, **how: Any) -> Request:
    tier = "Advanced" if is_advanced or len(value.encode()) > STANDARD_BYTES else "Standard"
    return Request("ssm", "put_parameter", {"Name": name, "Type": "String", "Value": value, "Tier": tier, **how})


def is_advanced(aws: Aws, name: str) -> bool:
    named = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    described = aws.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=named)
    return any(parameter.get("Tier") == "Advanced" for parameter in described if parameter["Name"] == name)


def versions(aws: Aws, name: str) -> list[dict[str, Any]]:
    """Every version that is kept, oldest first, as SSM returns it; none of a parameter that is not there."""
    try:
        kept = list(aws.pages("ssm", "get_parameter_history", "Parameters", Name=name))
    except AwsFailure as failure:
        if failure.code in GONE:
            return []
        raise
    return sorted(kept, key=lambda version: int(version["Version"]))
