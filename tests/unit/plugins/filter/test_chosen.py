# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names come as a list from a file, and as one line from a command line or a survey."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.filter.chosen import FilterModule, chosen
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure

POOLS = [{"name": "video"}, {"name": "audio"}, {"name": "text"}]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], POOLS),
        ("", POOLS),
        (" , ", POOLS),
        (["audio"], POOLS[1:2]),
        ("audio", POOLS[1:2]),
        ("text, audio ,", POOLS[1:]),
    ],
    ids=["none", "an empty answer", "nothing but commas", "a list", "a line", "a line of two"],
)
def test_the_pools_that_were_named(names, found):
    assert chosen(POOLS, names) == found


def test_a_mistyped_name_is_refused():
    with pytest.raises(Failure, match="there is no pool vidio here; declared: video, audio, text"):
        chosen(POOLS, "audio,vidio")


def test_the_filter_has_its_name():
    assert FilterModule().filters() == {"chosen": chosen}
