# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A finding is made by one of a few words."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import (
    STATUSES,
    Remedy,
    failed,
    not_needed,
    passed,
    warned,
)


@pytest.mark.parametrize(
    ("made", "status", "cause", "observed"),
    [
        (passed(1, 2), "pass", "", 1),
        (not_needed("no publisher"), "pass", "", "not needed: no publisher"),
        (warned("it is slow", observed=3), "warn", "it is slow", 3),
        (failed("it is off", remedy=Remedy("ansible-playbook x")), "fail", "it is off", None),
    ],
    ids=["pass", "not needed", "warn", "fail"],
)
def test_what_a_finding_is_made_of(made, status, cause, observed):
    assert (made.status, made.cause, made.observed) == (status, cause, observed)
    assert made.status in STATUSES
