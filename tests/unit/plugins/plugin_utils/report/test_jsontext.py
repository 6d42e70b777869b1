# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON report is the result itself, as the schema describes it."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import events, held
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import STATUSES
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import jsontext
from ansible_collections.academy.video_scaling.tests.unit import diagnoses
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = json.loads((ROOT / "docs" / "diagnosis.schema.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA)
EVERY = diagnoses.result(
    diagnoses.well(),
    diagnoses.busy(),
    diagnoses.stuck(),
    diagnoses.blind(),
    diagnoses.deceived(),
    diagnoses.unknown(),
    diagnoses.nasty(),
)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_report_is_the_result_and_fits_the_schema():
    report = json.loads(jsontext.report(EVERY))
    assert report == {key: value for key, value in json.loads(json.dumps(EVERY)).items() if key in report}
    for pool in report["pools"][-1:]:
        # Its events are of a kind that there is not, as everything of it.
        pool["timeline"]["events"] = []
    VALID.validate(report)


def test_no_pool_is_a_report_too():
    VALID.validate(json.loads(jsontext.report(diagnoses.result())))


def without(path):
    def change(report):
        *way, last = path
        for step in way:
            report = report[step]
        del report[last]

    return change


def changed(path, value):
    def change(report):
        *way, last = path
        for step in way:
            report = report[step]
        report[last] = value

    return change


FINDING = ("pools", 0, "findings", 0)
TIMELINE = ("pools", 0, "timeline")


@pytest.mark.parametrize(
    "change",
    [
        without(("healthy",)),
        without(("pools", 0, "verdict")),
        without((*FINDING, "why")),
        without((*FINDING, "evidence", "api")),
        without((*TIMELINE, "series", "held")),
        changed((*FINDING, "status"), "failed"),
        changed((*FINDING, "evidence", "at"), "12:00"),
        changed((*FINDING, "more"), 1),
        changed((*TIMELINE, "series", "depth"), ["1"]),
        changed((*TIMELINE, "series", "held"), ["nobody"]),
        changed((*TIMELINE, "held"), [{"from": 1}]),
        changed(("pools", 0, "changed"), True),
        changed(("at",), "2026-02-22T12:00:20+09:00"),
    ],
    ids=lambda change: change.__qualname__.split(".")[0],
)
def test_the_schema_refuses_what_is_no_report(change):
    report = copy.deepcopy(json.loads(jsontext.report(diagnoses.result(diagnoses.busy()))))
    VALID.validate(report)
    change(report)
    with pytest.raises(ValidationError):
        VALID.validate(report)


def test_the_schema_knows_every_word_there_is():
    kinds = SCHEMA["$defs"]["timeline"]["properties"]["events"]["items"]["properties"]["kind"]["enum"]
    assert sorted(kinds) == sorted(events.KINDS)
    assert sorted(SCHEMA["$defs"]["holder"]["enum"]) == sorted(held.NAMES)
    assert sorted(SCHEMA["$defs"]["finding"]["properties"]["status"]["enum"]) == sorted(STATUSES)


def test_a_series_is_a_line_and_texts_stay_as_they_are():
    text = "a,\n   b [1,\n   2]"
    result = diagnoses.result(
        {"healthy": True, "name": text, "series": [1, None, 2.5], "texts": [text, "x"], "empty": []}
    )
    lines = jsontext.report(result).splitlines()
    assert '      "series": [1, null, 2.5],' in lines
    assert json.loads("\n".join(lines))["pools"] == result["pools"]


def test_half_a_pair_of_surrogates_is_written_as_its_escape():
    text = jsontext.report(diagnoses.result({"healthy": True, "name": "\ud800"}))
    text.encode("utf-8")
    assert json.loads(text)["pools"][0]["name"] == "\ud800"
