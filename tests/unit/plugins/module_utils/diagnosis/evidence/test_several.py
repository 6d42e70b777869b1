# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worst of several findings comes first, and an effect only where all of the worst share it."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence.several import joined
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.finding import failed, warned

OUT, IN, ODD = failed("a", effect="out", observed=1), failed("b", effect="in"), warned("c", effect="odd")


@pytest.mark.parametrize(
    ("found", "status", "cause", "effect"),
    [
        ([OUT], "fail", "a", "out"),
        ([ODD, OUT], "fail", "a; c", "out"),
        ([OUT, IN], "fail", "a; b", ""),
        ([IN, ODD, OUT], "fail", "b; a; c", ""),
        ([ODD, ODD], "warn", "c; c", "odd"),
    ],
    ids=["one", "the worst first", "two effects", "in their order", "one effect"],
)
def test_several_findings_are_one(found, status, cause, effect):
    one = joined(found)
    assert (one.status, one.cause, one.effect) == (status, cause, effect)


def test_the_rest_is_that_of_the_worst():
    assert joined([ODD, OUT]).observed == 1
