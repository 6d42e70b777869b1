# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARNs are computed, never read back: so a plan on an empty account is whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One region of one account."""

    partition: str
    region: str
    account_id: str

    def queue_arn(self, queue_name: str) -> str:
        return self._regional("sqs", queue_name)

    def function_arn(self, function_name: str, alias: str = "") -> str:
        return self._regional("lambda", f"function:{function_name}{':' if alias else ''}{alias}")

    def rule_arn(self, rule_name: str) -> str:
        return self._regional("events", f"rule/{rule_name}")

    def log_group_arn(self, log_group_name: str) -> str:
        return self._regional("logs", f"log-group:{log_group_name}")

    def role_arn(self, role_name: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{role_name}"

    def _regional(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def __str__(self) -> str:
        return f"region {self.region} of account {self.account_id}"


@dataclass(frozen=True)
class Stamp:
    """When a run was, and whose.

    :param at: in UTC (ISO 8601). :param caller_arn: of the credentials.
    """

    at: str
    caller_arn: str
    collection_version: str
