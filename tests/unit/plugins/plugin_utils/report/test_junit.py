# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CI server shows what failed and why, and counts right."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import junit
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.wording import line
from ansible_collections.academy.video_scaling.tests.unit import diagnoses
from ansible_collections.academy.video_scaling.tests.unit.diagnoses import NASTY


def parsed(*pools):
    text = junit.report(diagnoses.result(*pools))
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    return ElementTree.fromstring(text.encode("utf-8"))


def case(root, name):
    (found,) = root.iterfind(f".//testcase[@name='{name}']")
    return found


def test_a_suite_is_a_pool_and_a_case_is_a_check():
    pools = [diagnoses.well(), diagnoses.stuck(), diagnoses.blind(), diagnoses.unknown()]
    root = parsed(*pools)
    assert [suite.get("name") for suite in root] == [f"pool {pool['name']}" for pool in pools]
    for suite, pool in zip(root, pools, strict=True):
        assert [found.get("name") for found in suite.iterfind("testcase")] == [one["id"] for one in pool["findings"]]
        assert {found.get("classname") for found in suite.iterfind("testcase")} == {
            f"academy.video_scaling.{pool['name']}"
        }


def test_what_is_counted_is_what_is_there():
    root = parsed(diagnoses.well(), diagnoses.stuck(), diagnoses.blind(), diagnoses.unknown())
    for element in (root, *root):
        counts = {name: int(element.get(name)) for name in ("tests", "failures", "errors", "skipped")}
        assert counts == {
            "tests": len(list(element.iter("testcase"))),
            "failures": len(list(element.iter("failure"))),
            "errors": len(list(element.iter("error"))),
            "skipped": len(list(element.iter("skipped"))),
        }
    assert all(int(root.get(name)) for name in ("tests", "failures", "errors", "skipped"))


@pytest.mark.parametrize(
    ("pool", "check", "tag", "message", "parts"),
    [
        (
            diagnoses.stuck(),
            "policy_tracks_queue",
            "failure",
            "BacklogCount",
            [
                "Playbook: ansible-playbook academy.video_scaling.apply",
                "AWS CLI: aws autoscaling",
                "observed: {",
            ],
        ),
        (
            diagnoses.blind(),
            "group_exists",
            "error",
            "is denied (AccessDenied)",
            ["evidence: autoscaling:DescribeAutoScalingGroups at 2026-02-22T12:00:20Z"],
        ),
        (diagnoses.blind(), "snapshot_available", "skipped", "it was skipped: snapshots are kept elsewhere", []),
        (diagnoses.unknown(), "metric_fresh", "skipped", "it follows from ", []),
        (diagnoses.stuck(), "snapshot_available", "system-out", None, ["warning: the newest snapshot"]),
    ],
    ids=["fail", "unknown", "skipped", "follows", "warn"],
)
def test_what_a_check_says(pool, check, tag, message, parts):
    (found,) = case(parsed(pool), check)
    assert found.tag == tag
    if message:
        assert message in found.get("message")
    assert all(part in found.text for part in parts)


def test_what_passed_says_nothing():
    assert list(case(parsed(diagnoses.stuck()), "queue_exists")) == []


def test_the_verdict_goes_with_the_suite():
    (suite,) = parsed(diagnoses.well())
    facts = {found.get("name"): found.get("value") for found in suite.iterfind("properties/property")}
    assert facts["verdict"] == "Pool video is healthy."
    assert (facts["region"], facts["account_id"]) == ("ap-northeast-2", "123456789012")


@pytest.mark.parametrize("name", NASTY)
def test_every_name_is_text(name):
    (suite,) = parsed(diagnoses.nasty(name))
    assert suite.get("name") == f"pool {line(name)}"
    assert {element.tag for element in suite.iter()} <= {
        *("testsuite", "properties", "property", "testcase", "failure", "error", "skipped", "system-out"),
    }
