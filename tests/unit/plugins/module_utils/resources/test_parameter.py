# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A version is added and none is lost: the tier never goes down, and tags are sent only where AWS takes them."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import parameter
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import (
    FakeAws,
    Parameters,
    refusal,
    require_valid,
)

TAGS = {"Team": "video"}
LISTED = [{"Key": "Team", "Value": "video"}]
NAME = "/video_scaling/x"


@pytest.mark.parametrize(
    ("request_", "how"),
    [
        pytest.param(parameter.first_put(NAME, "v", {}), {"Overwrite": False}, id="first"),
        pytest.param(parameter.first_put(NAME, "v", TAGS), {"Overwrite": False, "Tags": LISTED}, id="first, tagged"),
        pytest.param(parameter.put(NAME, "v", {}, False, False), {"Overwrite": True}, id="new"),
        pytest.param(
            parameter.put(NAME, "v", TAGS, False, False), {"Overwrite": False, "Tags": LISTED}, id="new, tagged"
        ),
        pytest.param(parameter.put(NAME, "v", TAGS, True, False), {"Overwrite": True}, id="a later version"),
    ],
)
def test_only_a_put_that_may_not_overwrite_has_tags(request_, how):
    require_valid(request_.service, request_.operation, request_.params)
    assert request_.params == {"Name": NAME, "Type": "String", "Value": "v", "Tier": "Standard", **how}


@pytest.mark.parametrize(
    ("value", "is_advanced", "tier"),
    [
        pytest.param("v" * parameter.STANDARD_BYTES, False, "Standard", id="as much as fits"),
        pytest.param("v" * parameter.STANDARD_BYTES + "v", False, "Advanced", id="a byte more"),
        pytest.param("가" * (parameter.STANDARD_BYTES // 2), False, "Advanced", id="bytes and not characters"),
        pytest.param("v", True, "Advanced", id="one that is advanced"),
    ],
)
def test_the_tier_is_by_the_size_and_never_goes_down(value, is_advanced, tier):
    assert parameter.put(NAME, value, {}, True, is_advanced).params["Tier"] == tier


def kept(*values):
    parameters = Parameters()
    for value in values:
        parameters.put({"Name": NAME, "Type": "String", "Value": value, "Tier": "Standard", "Overwrite": True})
    # SSM promises no order.
    parameters.versions.get(NAME, []).reverse()
    return FakeAws(parameters.answers())


@pytest.mark.parametrize("values", [(), ("a",), ("a", "b", "c")], ids=len)
def test_versions_are_listed_oldest_first(values):
    assert [one["Value"] for one in parameter.versions(kept(*values), NAME)] == list(values)


def test_what_may_not_be_read_is_no_empty_history():
    aws = kept("a")
    aws.answers["ssm.get_parameter_history"] = refusal("AccessDeniedException")
    with pytest.raises(AwsFailure):
        parameter.versions(aws, NAME)


def test_another_parameter_does_not_make_one_advanced():
    found = [{"Name": f"{NAME}y", "Tier": "Advanced"}, {"Name": NAME, "Tier": "Standard"}]
    assert not parameter.is_advanced(FakeAws({"ssm.describe_parameters": found}), NAME)
    found[1]["Tier"] = "Advanced"
    assert parameter.is_advanced(FakeAws({"ssm.describe_parameters": found}), NAME)
