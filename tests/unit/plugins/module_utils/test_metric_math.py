# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metric math is evaluated with CloudWatch's rules for missing values, and what cannot be evaluated says so."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.metric_math import (
    Unsupported,
    evaluate,
    missing_reads_lower,
)
from hypothesis import given
from hypothesis import strategies as st

SIX = {"m1": 6.0, "m2": 2.0, "m3": 0.0, "gone": None}


def value(expression, **values):
    return evaluate({"e1": expression}, {**SIX, **values}, "e1")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + m2 * 2", 10),
        ("(m1 + m2) * 2", 16),
        ("m1 - m2 - 1", 3),
        ("m1 / m2 / 3", 1),
        ("2 ^ 3 ^ 2", 512),
        ("-m2 + 5", 3),
        ("m1 * -1", -6),
        ("1e2 + .5", 100.5),
        ("m1 > m2", 1),
        ("m1 <= m2", 0),
        ("m1 == 6", 1),
        ("m1 != 6", 0),
        ("m1 > 1 && m2 > 1", 1),
        ("m1 > 1 && m2 > 2", 0),
        ("m1 > 9 || m2 > 1", 1),
        ("IF(m1 > 5, m1, m2)", 6),
        ("IF(m1 > 6, m1, m2)", 2),
        ("ABS(m2 - m1)", 4),
        ("CEIL(m1 / 4)", 2),
        ("FLOOR(m1 / 4)", 1),
        # What divides by zero has no datapoint.
        ("m1 / m3", None),
        ("0 ^ -1 + m3", 0),
        # A missing value is 0 in a sum and in a comparison, and a metric alone has none.
        ("gone", None),
        ("m1 + gone", 6),
        ("m1 * gone", 0),
        ("gone / m1", 0),
        ("m1 / gone", None),
        ("gone > m2", 0),
        ("gone < m2", 1),
        # Where no series has a value there is no moment to compute one for.
        ("gone + 1", None),
        ("gone > 0", None),
        # IF: a missing condition drops it, a missing side that was chosen is 0, one that was not does not matter.
        ("IF(gone > 0, m1, m2)", None),
        ("IF(m1 > 5, gone, m2)", 0),
        ("IF(m1 > 6, m2, gone)", None),
        ("IF(m1 > 6, gone, m2)", 2),
        ("IF(m1 > 6, m2)", None),
        ("IF(m1 > 5, 1, 2)", 1),
        # A datapoint that was dropped within an expression is a missing one for the rest of it.
        ("m1 / m3 + m2", 2),
    ],
)
def test_the_value_of_an_expression(expression, expected):
    assert value(expression) == (None if expected is None else pytest.approx(expected))


def test_queries_are_made_of_queries():
    expressions = {"depth": "m1 + m2", "load": "depth / m3"}
    assert evaluate(expressions, {"m1": 6.0, "m2": 2.0, "m3": 4.0}, "load") == 2.0


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("FILL(m1, 0)", "FILL is not evaluated here"),
        ("MAX(m1)", "MAX is not evaluated here"),
        ("m1 +", "it ends where"),
        ("(m1", "it ends where ) should follow"),
        ("m1 m2", "m2 stands where an operator should"),
        ("m1 ! m2", "! cannot be read"),
        ("IF(m1)", "IF has 1 arguments"),
        ("ABS(m1 m2", "m2 stands where ) should"),
        ("other", "there is no query other"),
        ("e1 + 1", "query e1 is made of itself"),
        (") + 1", ") stands where a value should"),
        ("", "it ends where"),
        ("(" * 5000, "it is nested too deeply"),
    ],
    ids=lambda text: str(text)[:20],
)
def test_what_cannot_be_evaluated_says_why(expression, reason):
    with pytest.raises(Unsupported) as refused:
        value(expression)
    assert reason in str(refused.value)


@given(st.text(alphabet="m123 ()+-*/^<>=!&|,.eEIFABS", max_size=40))
def test_nothing_else_is_raised(expression):
    try:
        found = value(expression)
    except Unsupported:
        return
    assert found is None or isinstance(found, float)


@pytest.mark.parametrize(
    ("expression", "inputs", "lower"),
    [
        ("m1 + m2", ["m1", "m2"], ["m1", "m2"]),
        ("m1 / IF(m2 > 0, m2, 1)", ["m1", "m2"], ["m1"]),
        ("(m1 + m2) / IF(m3 > 0, m3, 1)", ["m1", "m2", "m3"], ["m1", "m2"]),
        ("(m1 + m2) / m3", ["m1", "m2", "m3"], ["m1", "m2"]),
        ("m1 - m2", ["m1", "m2"], ["m1"]),
        ("IF(m1 >= 0, IF(m2 >= 0, m1 + m2))", ["m1", "m2"], ["m2"]),
        ("(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1))", ["m1", "m2"], []),
        ("(m1 + m2) / (IF(m1 >= 0, 1) * IF(m2 >= 0, 1) * IF(m3 > 0, m3, 1))", ["m1", "m2", "m3"], []),
        ("m1", ["m1"], []),
        ("m1 * 2", ["m1"], []),
    ],
)
def test_whose_silence_looks_like_less(expression, inputs, lower):
    assert missing_reads_lower({"e1": expression}, inputs, "e1") == lower
