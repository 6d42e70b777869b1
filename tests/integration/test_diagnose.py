# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One command says what is wrong, writes its reports to a given folder, and says by its exit code if all is well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from tests.integration.account import Account, pool
from tests.integration.checkout import REPOSITORY
from tests.integration.playbook import Run

REPORTS = ["diagnosis.html", "diagnosis.json", "diagnosis.md", "diagnosis.xml"]
SCHEMA = json.loads((REPOSITORY / "docs" / "diagnosis.schema.json").read_text(encoding="utf-8"))
# Of the applied pool these hold, whatever an emulator answers of all else; and this one does not hold of it.
HOLDING = ["queue_exists", "publisher_exists", "schedule_enabled", "policy_exists", "group_exists"]
MISSING = "dead_letter_queue_configured"
NOWHERE = pool("nowhere")


def diagnose(account: Account, variables: dict[str, Any], **how: Any) -> Run:
    run = account.play("playbooks/diagnose.yml", variables, **how)
    assert run.mutating == []
    return run


@pytest.fixture(scope="module")
def nowhere(applied: Account, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """A pool that is applied, and one of which nothing is there, with reports."""
    folder = tmp_path_factory.mktemp("reports") / "made" / "비디오 \N{VIDEO CAMERA}"
    variables = {"video_scaling_pools": [pool(), NOWHERE], "video_scaling_report_dir": str(folder)}
    return diagnose(applied, variables), folder


def test_a_pool_that_does_not_exist_fails_the_run_with_its_verdict(nowhere):
    run, _folder = nowhere
    assert run.code != 0
    assert run.failure.name == "Verdict"
    assert "nowhere: Nothing scales because queue academy-nowhere-jobs does not exist in region" in run.failure.message
    assert "Traceback" not in run.output


def test_the_console_tells_each_pool_with_the_way_out(nowhere):
    run, _folder = nowhere
    lines = run["Findings"].result["msg"]
    heading = next(number for number, line in enumerate(lines) if line.startswith("nowhere: NOT HEALTHY. "))
    assert lines[heading + 1].startswith("  fail ") and "queue_exists" in lines[heading + 1]
    assert any("-> ansible-playbook academy.video_scaling.apply" in line for line in lines)


def test_the_reports_lie_in_the_given_folder(nowhere):
    run, folder = nowhere
    assert sorted(path.name for path in folder.iterdir()) == REPORTS
    assert str(folder) in run["Where the reports are"].message


def test_the_json_report_is_what_the_module_returned(nowhere):
    run, folder = nowhere
    report = json.loads((folder / "diagnosis.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(report)
    returned = run["Diagnosis"].result
    assert report == {name: returned[name] for name in report}
    assert [one["name"] for one in report["pools"]] == ["video", "nowhere"]


def test_each_report_tells_both_pools(nowhere):
    _run, folder = nowhere
    html, markdown, xml = ((folder / f"diagnosis.{kind}").read_text(encoding="utf-8") for kind in ("html", "md", "xml"))
    verdict = "Nothing scales because queue academy-nowhere-jobs does not exist in region"
    assert verdict in html and verdict in markdown and verdict in xml
    assert html.startswith("<!doctype html>") and html.endswith("</html>\n")
    suites = ElementTree.fromstring(xml.encode())
    assert [suite.get("name") for suite in suites] == ["pool video", "pool nowhere"]


def test_what_holds_is_an_exit_code_of_0(applied):
    run = diagnose(applied, {"video_scaling_pools": [pool()], "video_scaling_checks": HOLDING})
    assert run.code == 0, run.output
    assert run["Findings"].result["msg"] == ["video: healthy. Pool video is healthy. (5 pass)"]


WITHOUT_DEAD_LETTER_QUEUE = pool("bare", dead_letter_queue_name=None, queue_name="academy-bare-jobs")


@pytest.mark.parametrize(
    ("fail_on", "status", "code"),
    [("fail", "warn", 0), ("warn", "warn", 2), ("never", "fail", 0), ("fail", "fail", 2)],
)
def test_the_exit_code_follows_fail_on(applied, fail_on, status, code):
    applied.client("sqs").create_queue(QueueName="academy-bare-jobs")
    pools = [WITHOUT_DEAD_LETTER_QUEUE] if status == "warn" else [NOWHERE]
    checks = [MISSING] if status == "warn" else ["queue_exists"]
    variables = {
        "video_scaling_pools": pools,
        "video_scaling_checks": checks,
        "video_scaling_fail_on": fail_on,
    }
    run = diagnose(applied, variables)
    (row,) = run["Diagnosis"].pools.values()
    assert [finding["status"] for finding in row["findings"]] == [status]
    assert run.code == code, run.output
    assert (code != 0) == (("Verdict", "failed") in [(task.name, task.status) for task in run.tasks])


def test_a_check_run_writes_no_file_and_says_so(applied, tmp_path):
    variables = {"video_scaling_report_dir": str(tmp_path / "reports"), "video_scaling_fail_on": "never"}
    run = diagnose(applied, variables, check=True, diff=True)
    assert run.code == 0, run.output
    assert list(tmp_path.iterdir()) == []
    assert run["Where the reports are"].message.startswith("A check run writes no file")


def test_a_skip_is_shown_with_its_reason(applied):
    skip = {"queue_exists": "it is being made"}
    run = diagnose(
        applied,
        {"video_scaling_pools": [NOWHERE], "video_scaling_checks": ["queue_exists"], "video_scaling_skip": skip},
    )
    assert run.code == 0, run.output
    assert "skipped: queue_exists: it was skipped: it is being made" in run["Findings"].result["msg"]


def test_what_is_mistyped_is_refused(applied):
    run = diagnose(applied, {"video_scaling_fail_on": "always"})
    assert run.code != 0
    assert "value of video_scaling_fail_on must be one of: fail, warn, never" in run.output
    assert run.requests == []
