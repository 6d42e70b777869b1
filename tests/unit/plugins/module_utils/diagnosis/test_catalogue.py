# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No check is forgotten, and each can only follow from one that stands before it."""

from __future__ import annotations

import ast

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.catalogue import CHECKS, IDS, id_of
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.explainer import held
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.timeline import timeline
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    group,
    instance,
    observed,
    queue,
    queue_metrics,
    series,
    wanted,
)

FOLDER = ROOT / "plugins/module_utils/diagnosis/checks"
every_check = pytest.mark.parametrize("check", CHECKS, ids=IDS)


def test_every_file_is_in_the_list():
    assert sorted(IDS) == sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


@every_check
def test_it_has_words_for_a_person(check):
    assert check.TITLE and not check.TITLE.endswith(".")
    assert check.EFFECT and not check.EFFECT.endswith(".")
    assert ":" in check.API
    assert check.__doc__.strip().endswith(".")


@every_check
def test_it_follows_only_from_what_stands_before_it(check):
    before = IDS[: IDS.index(id_of(check))]
    assert set(check.FOLLOWS) <= set(before)


@every_check
def test_it_knows_nothing_of_the_clock(check):
    source = (FOLDER / f"{id_of(check)}.py").read_text(encoding="utf-8")
    called = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    assert not called & {"now", "utcnow", "today", "time"}, "the reading has its own time: observed.at"


# --- instances that count as several ----------------------------------------------------------------------------

UNITS, WEIGHT = 12, 4
MEASURED = ("GroupDesiredCapacity", "GroupInServiceInstances", "GroupInServiceCapacity")


def at_work(weight, in_service=UNITS, in_flight=UNITS, since_minutes=60, **readings):
    """A pool whose group wants 12, each instance with this weight, if any; what is not in service is Pending."""
    each = weight or 1
    own = {} if weight is None else {"WeightedCapacity": str(weight)}
    states = ["InService" if (number + 1) * each <= in_service else "Pending" for number in range(UNITS // each)]
    instances = [instance(number, LifecycleState=state, **own) for number, state in enumerate(states)]
    enabled = [{"Metric": name, "Granularity": "1Minute"} for name in MEASURED]
    working = series(UNITS, 180 - since_minutes, since_minutes) + series(in_service, since_minutes)
    return {
        "group": group(UNITS, Instances=instances, EnabledMetrics=enabled),
        "group_metrics": {
            "desired": series(UNITS),
            "in_service": tuple((time, value // each) for time, value in working),
            "in_service_capacity": working,
        },
        "queue": queue(ApproximateNumberOfMessagesNotVisible=in_flight),
        "queue_metrics": queue_metrics(in_flight=series(in_flight)),
        "metric": series(in_flight),
        "activities": [],
        **readings,
    }


@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"in_service": 8},
        {"in_flight": UNITS + 1},
        {"in_flight": 0, "per_instance_metric": series(0)},
        {"in_flight": 40, "per_instance_metric": series(40 / UNITS)},
    ],
    ids=["well", "a third does not start", "a ghost in flight", "idle", "too few"],
)
def test_a_group_with_weights_is_judged_as_one_without_of_the_same_capacity(readings):
    """Sizes, what is in service and what the signal is divided by are given in one unit, whichever it is."""
    plain, weighted = (observed(**at_work(weight, **readings)) for weight in (None, WEIGHT))
    for check in CHECKS:
        findings = [check.check(one, wanted()) for one in (plain, weighted)]
        assert len({finding.status for finding in findings}) == 1, f"{id_of(check)}: {findings}"
    minutes = [timeline(one, wanted()).scene for one in (plain, weighted)]
    assert minutes[0].in_service == minutes[1].in_service
    assert minutes[0].desired == minutes[1].desired
    assert [one.words if one else None for one in held.each_minute(minutes[0])] == [
        one.words if one else None for one in held.each_minute(minutes[1])
    ]


def test_units_are_not_called_workers():
    short = observed(**at_work(WEIGHT, in_service=8))
    check = CHECKS[IDS.index("group_reaches_desired")]
    assert "8 of 12 capacity units of group" in check.check(short, wanted()).cause
