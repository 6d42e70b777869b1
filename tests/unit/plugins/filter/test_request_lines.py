# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A planned request is one line: who is asked, for what, about what."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.filter.request_lines import FilterModule, request_lines

STEADY = {"service": "sqs", "wait": "the counts stay 0", "params": {"seconds": 75.0}}


def request(**params):
    return {"service": "autoscaling", "operation": "delete_policy", "params": params}


@pytest.mark.parametrize(
    ("results", "lines"),
    [
        ([], []),
        ([{"skipped": True}, {"requests": []}], []),
        ([{"requests": [request(PolicyName="p")]}], ["autoscaling delete_policy PolicyName=p"]),
        ([{"requests": [request(A="a", B=2)]}], ["autoscaling delete_policy A=a B=2"]),
        ([{"requests": [request(Value="v" * 81, Name="n")]}], ["autoscaling delete_policy Name=n"]),
        ([{"requests": [{"service": "lambda", "wait": "function_active", "params": {}}]}], []),
        (
            [{"requests": [STEADY, request(A="a"), STEADY, request(A="b")]}],
            [
                "sqs waits 75 s while the counts stay 0",
                "autoscaling delete_policy A=a",
                "autoscaling delete_policy A=b",
            ],
        ),
    ],
    ids=[
        "nothing ran",
        "nothing to send",
        "one",
        "several parameters",
        "a long value",
        "a wait",
        "what waits together",
    ],
)
def test_each_request_is_a_line(results, lines):
    assert request_lines(results) == lines


def test_the_filter_is_offered_under_its_name():
    assert FilterModule().filters() == {"request_lines": request_lines}
