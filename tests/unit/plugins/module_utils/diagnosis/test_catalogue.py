# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No check is forgotten, and each can only follow from one that stands before it."""

from __future__ import annotations

import ast

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.catalogue import CHECKS, IDS, id_of
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

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
