# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a name holds, the shell takes it as one word."""

from __future__ import annotations

import shlex

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.wording.command_line import cli, playbook
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"auto_scaling_group_name": "workers"}, ["--auto-scaling-group-name", "workers"]),
        ({"alarm_names": ["a", "b c"]}, ["--alarm-names", "a", "b c"]),
        ({"max_size": 0}, ["--max-size", "0"]),
        ({"no_protected_from_scale_in": True}, ["--no-protected-from-scale-in"]),
        ({"name": "it's $(rm -rf ~); 큐 🎬 <script>"}, ["--name", "it's $(rm -rf ~); 큐 🎬 <script>"]),
    ],
    ids=["a name", "several", "a number", "a switch", "a name that is a trap"],
)
def test_a_command_is_what_was_meant(options, words):
    command = cli(PLACE, "autoscaling some-operation", **options)
    assert shlex.split(command) == ["aws", "autoscaling", "some-operation", *words, "--region", "ap-northeast-2"]


def test_a_playbook_is_named_with_its_collection():
    assert playbook("apply") == "ansible-playbook academy.video_scaling.apply"
