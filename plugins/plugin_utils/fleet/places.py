# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a fleet lies: each region of each account is one place to look for groups, and one host of the inventory."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils.aws.connection import ENVIRONMENT as OF_CONNECTION
from ...module_utils.failures import Failure, listed

# The options of a connection that a host hands on to the role, as ``video_scaling_<option>``.
CONNECTION = ("profile", "assume_role_arn", "external_id", "endpoint_url", "aws_ca_bundle", "validate_certs")
# What leads to an account beside the options.
ENVIRONMENT = (
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    *OF_CONNECTION["access_key"],
    *OF_CONNECTION["endpoint_url"],
)
ACCOUNT_OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "account_id": {"type": "str"},
    "regions": {"type": "list", "elements": "str"},
    "profile": {"type": "str"},
    "assume_role_arn": {"type": "str"},
    "external_id": {"type": "str"},
    "endpoint_url": {"type": "str"},
}
SPEC: dict[str, Any] = {"accounts": {"type": "list", "elements": "dict", "options": ACCOUNT_OPTIONS}}


@dataclass(frozen=True)
class Target:
    """One region of one account.

    :param account: as the inventory file names it, empty where it names none.
    :param account_id: the account that the credentials must lead to, empty where any will do.
    :param connection: the values of CONNECTION that are given.
    """

    account: str
    region: str
    account_id: str
    connection: Mapping[str, Any]

    @property
    def host(self) -> str:
        return f"{self.account}-{self.region}" if self.account else self.region

    @property
    def variables(self) -> dict[str, Any]:
        """How the role reaches the same place."""
        return {"video_scaling_region": self.region} | {
            f"video_scaling_{option}": value for option, value in self.connection.items()
        }

    def key(self, filters: Sequence[Mapping[str, Any]]) -> str:
        """What was read is only good for the same question to the same place."""
        environment = {name: os.environ.get(name) for name in ENVIRONMENT}
        asked = [self.region, self.account_id, dict(self.connection), list(filters), environment]
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()

    def __str__(self) -> str:
        return f"account {self.account}, region {self.region}" if self.account else f"region {self.region}"


def targets(regions: Sequence[str], accounts: Sequence[Any], connection: Mapping[str, Any]) -> list[Target]:
    """:param connection: what holds for every account that does not say otherwise."""
    checked = ArgumentSpecValidator(SPEC).validate({"accounts": list(accounts)})
    if checked.error_messages:
        raise Failure("; ".join(checked.error_messages))
    named = checked.validated_parameters["accounts"]
    _require_names(named)
    found = [target for account in named or [{"name": ""}] for target in _of_account(account, regions, connection)]
    if not found:
        raise Failure("regions: there is none; list the regions to look in, for example [ap-northeast-2]")
    twice = [host for host, times in Counter(target.host for target in found).items() if times > 1]
    if twice:
        raise Failure(f"accounts: more than one account and region make host {listed(twice)}; give other names")
    return found


def _require_names(accounts: Iterable[Mapping[str, Any]]) -> None:
    for account in accounts:
        name, account_id = account["name"], account.get("account_id")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise Failure(
                f"accounts: name: {name!r} must start with a letter or digit and hold only those and _ . -, "
                "because it becomes a part of a host's name"
            )
        if account_id is not None and not re.fullmatch(r"[0-9]{12}", account_id):
            raise Failure(f"account {name}: account_id: {account_id!r} must be 12 digits; write it in quotes")


def _of_account(account: Mapping[str, Any], regions: Sequence[str], connection: Mapping[str, Any]) -> Iterable[Target]:
    merged = {option: _first(account.get(option), connection.get(option)) for option in CONNECTION}
    given = {option: value for option, value in merged.items() if value is not None}
    if "external_id" in given and "assume_role_arn" not in given:
        where = f"account {account['name']}: " if account["name"] else ""
        raise Failure(f"{where}external_id: is only of use with assume_role_arn; give that as well, or neither")
    for region in dict.fromkeys(account.get("regions") or regions):
        yield Target(account["name"], region, account.get("account_id") or "", given)


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
