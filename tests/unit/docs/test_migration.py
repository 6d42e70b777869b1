# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the old scripts are said to have become is there."""

from __future__ import annotations

import re

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.catalogue import IDS
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import POOL_OPTIONS
from ansible_collections.academy.video_scaling.tests.unit.docs.test_howto import declared
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

TEXT = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", TEXT, re.MULTILINE)


def column(heading: str) -> list[str]:
    """The second column of the table that begins so."""
    cells = TEXT.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| [^|]+ \| ([^|]+) \|", cells, re.MULTILINE)[1:]


def test_every_playbook_is_there():
    named = set(re.findall(r"playbooks/(\w+\.yml)", TEXT))
    assert named and {name for name in named if not (ROOT / "playbooks" / name).is_file()} == set()


def test_every_variable_is_there():
    named = set(re.findall(r"(?<![\w.])video_scaling_\w+", TEXT)) - {"video_scaling_outcome"}
    scripts = set(re.findall(r"\w+(?=\.ps1)", TEXT))
    assert len(named) > 5 and named - scripts - set(declared()) == set()


def test_every_option_of_a_pool_is_there():
    options = re.findall(r"the pool's `(\w+)`", TEXT) + re.findall(r"`(\w+)` in the pool", TEXT)
    assert len(options) > 5 and set(options) - set(POOL_OPTIONS) == set()


def test_every_check_is_there():
    named = [
        name
        for cell in column("script")
        for names in re.findall(r"checks ([^|]+)", cell)
        for name in re.findall(r"`(\w+)`", names)
    ]
    assert named and set(named) - set(IDS) == set()


def test_every_script_and_parameter_has_an_answer():
    answers = column("script") + column("parameter")
    assert len(answers) > 25
    assert [answer for answer in answers if not re.search(r"`[^`]+`|^none", answer)] == []
