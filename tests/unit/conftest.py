# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module is run as Ansible runs it, with an Aws of the test's own in place of the connection."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.academy.video_scaling.plugins.module_utils import reconcile
from ansible_collections.academy.video_scaling.plugins.module_utils.aws import module as edge
from ansible_collections.academy.video_scaling.plugins.module_utils.resources import queue


@pytest.fixture
def run(monkeypatch, capsys):
    """``run(main, options, aws)`` is the module's result; what has not converged at once is given up, nothing waits."""
    monkeypatch.setattr(reconcile, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(reconcile, "PAUSES_SECONDS", (0.0,))
    monkeypatch.setattr(queue, "SETTLED", replace(queue.SETTLED, seconds=0.0))

    def run(main, options, aws, check_mode=False):
        monkeypatch.setattr(edge, "Connection", lambda params, quick: aws)
        with patch_module_args({**options, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            main()
        return json.loads(capsys.readouterr().out)

    return run
