# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the module the publisher's source, which lies beside the plugins and so does not travel with them."""

from __future__ import annotations

from pathlib import Path

from ansible.plugins.action import ActionBase

SOURCE = Path(__file__).parents[2] / "files" / "lambda" / "queue_depth" / "lambda_function.py"


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if not arguments.get("code"):
            arguments["code"] = SOURCE.read_text(encoding="utf-8")
        result = self._execute_module(module_args=arguments, task_vars=task_vars)
        # The source would fill the log of every verbose run and every job event.
        result.get("invocation", {}).get("module_args", {}).pop("code", None)
        return result
