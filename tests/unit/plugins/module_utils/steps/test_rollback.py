# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a rollback come in their order, and none of them is sent where another one cannot be."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import policy, snapshot
from ansible_collections.academy.video_scaling.plugins.module_utils.steps import policies, rollback, scale_in
from ansible_collections.academy.video_scaling.plugins.module_utils.steps.step import alone
from ansible_collections.academy.video_scaling.tests.unit.examples import FUNCTION, GROUP, pool
from ansible_collections.academy.video_scaling.tests.unit.fake_account import Account
from ansible_collections.academy.video_scaling.tests.unit.plugins.module_utils.steps.runs import run_of

PREVIOUS = {"live": "4", "previous": "3"}


def changed(versions):
    """An account in which the policy of a pool has been changed twice.

    :param versions: of the publisher, by alias.
    """
    aws, versions = Account(GROUP), dict(versions)

    def move(params):
        versions[params["Name"]] = params["FunctionVersion"]
        return {}

    aws.answers |= {
        "lambda.list_aliases": lambda params: [
            {"Name": name, "FunctionVersion": version, "RevisionId": "r"} for name, version in versions.items()
        ],
        "lambda.get_function_configuration": {"Description": "by hand", "Role": "r"},
        "lambda.update_alias": move,
    }
    for target in (1.0, 2.0):
        alone(policies, run_of(policies, [pool(target_value=target)], aws))
    aws.sent.clear()
    return aws


def went_back(aws, sends=True, **options):
    asked = {"rollback_lambda": True, "on_scale_in": scale_in.IGNORE, **options}
    return rollback.work(run_of(rollback, [pool(target_value=2.0)], aws, sends=sends, **asked))


def sent(aws):
    return [operation for operation, _params in aws.sent if operation != "ssm.put_parameter"]


def test_the_policies_go_back_before_the_publisher():
    aws = changed(PREVIOUS)
    done = went_back(aws)
    assert sent(aws) == ["autoscaling.put_scaling_policy", "lambda.update_alias"]
    assert (done.failed, done.facts["publisher"]) == ({}, {"function_name": FUNCTION, "changed": True})


@pytest.mark.parametrize(
    ("versions", "options", "reason"),
    [
        ({"live": "4"}, {}, "has no version before 4"),
        (PREVIOUS, {"snapshot": "7"}, "snapshot: 7 is not kept"),
    ],
    ids=["the publisher cannot", "the policies cannot"],
)
def test_half_a_rollback_is_none(versions, options, reason):
    aws = changed(versions)
    done = went_back(aws, **options)
    assert reason in done.failed["video"]
    assert sent(aws) == []


@pytest.mark.parametrize("sends", [True, False], ids=["an apply", "a check"])
def test_a_pool_with_nothing_to_go_back_to_fails_where_something_is_sent(sends):
    done = went_back(Account(GROUP), sends=sends, rollback_lambda=False)
    assert bool(done.failed) == sends
    assert done.rows[0]["msg"].startswith("nothing to go back to")


def test_snapshots_of_two_versions_are_one_publisher_too_many():
    record = snapshot.Record(Account(GROUP).stamp, FUNCTION)
    chosen = {
        policy.key_of(pool(auto_scaling_group_name=name)): snapshot.Snapshot(
            name, "p", {}, {}, snapshot.Record(record.stamp, FUNCTION, function_version=version)
        )
        for name, version in (("one", "1"), ("two", "2"))
    }
    with pytest.raises(Failure, match=r"different versions \(1, 2\)"):
        rollback._version(chosen)
