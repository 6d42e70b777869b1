# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module gets the publisher's source, and the source stays out of the log."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from ansible_collections.academy.video_scaling.plugins.action.queue_depth_lambda import ActionModule
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT

SOURCE = (ROOT / "files" / "lambda" / "queue_depth" / "lambda_function.py").read_text(encoding="utf-8")


def run(arguments, result=None):
    """What the module was given, and what came back."""
    task = SimpleNamespace(args=arguments, async_val=0, check_mode=False, diff=False, action="queue_depth_lambda")
    action = ActionModule(task, Mock(), Mock(), Mock(), Mock(), Mock())
    given = []

    def execute(module_args, task_vars):
        given.append((module_args, task_vars))
        return result or {"changed": True, "invocation": {"module_args": dict(module_args)}}

    action._execute_module = execute
    return given, action.run(task_vars={"a": 1})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({}, SOURCE), ({"code": None}, SOURCE), ({"code": ""}, SOURCE), ({"code": "print()"}, "print()")],
    ids=["not given", "null", "empty", "given"],
)
def test_the_code_is_the_collections_own_unless_given(arguments, code):
    ((passed, task_vars),), _ended = run({"pools": [], **arguments})
    assert passed == {"pools": [], "code": code}
    assert task_vars == {"a": 1}


def test_the_tasks_own_arguments_are_not_altered():
    arguments = {"pools": []}
    run(arguments)
    assert arguments == {"pools": []}


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (None, {"changed": True, "invocation": {"module_args": {"pools": []}}}),
        ({"failed": True, "msg": "no route"}, {"failed": True, "msg": "no route"}),
        ({"invocation": {}}, {"invocation": {}}),
    ],
    ids=["as usual", "without invocation", "without arguments"],
)
def test_the_source_is_not_in_the_result(result, shown):
    assert run({"pools": []}, result)[1] == shown
