# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy that an older tool kept in a file: a bare TargetTrackingConfiguration. Checked whole before it is used."""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..failures import Failure
from ..pool import NO_COOLDOWN, Pool
from .policy import TARGET_TRACKING, Policy, from_response
from .snapshot_rules import SHAPES

# The longest first: one of UTF-32 begins as one of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF_8 = "utf-8"
CONVERT = "iconv -f {} -t UTF-8 FILE > NEW"
ANSWER = (
    "it is what DescribePolicies answers; keep the TargetTrackingConfiguration of the one policy alone, for example: "
    "jq '.ScalingPolicies[0].TargetTrackingConfiguration' FILE > NEW"
)
SPECIFICATIONS = ("CustomizedMetricSpecification", "PredefinedMetricSpecification")
STATISTICS = ("Average", "Minimum", "Maximum", "SampleCount", "Sum")
WARMUP = "EstimatedInstanceWarmup belongs to the policy and not to this configuration; declare it with the pool"


def _fields(shape: str, *needed: str, without: tuple[str, ...] = ()) -> tuple[tuple[str, ...], frozenset[str]]:
    """The fields that a structure needs, and all that it may have."""
    return needed, frozenset(SHAPES[shape]) - set(without)


# Metric math and a metric are two structures in a file, and one in the API.
FIELDS = {
    "TargetTrackingConfiguration": _fields("target tracking", "TargetValue"),
    "PredefinedMetricSpecification": _fields("predefined metric", "PredefinedMetricType"),
    "CustomizedMetricSpecification": _fields(
        "customized metric", "MetricName", "Namespace", "Statistic", without=("Metrics",)
    ),
    "metric math": (("Metrics",), frozenset({"Metrics"})),
    "query": _fields("query", "Id"),
    "MetricStat": _fields("metric stat", "Metric", "Stat"),
    "Metric": _fields("metric", "MetricName", "Namespace"),
    "dimension": _fields("dimension", "Name", "Value"),
}


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, or in any encoding that its byte-order mark names.

    :raises Failure: that names the encoding, and how to convert it.
    """
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), UTF_8)
    try:
        text = content.decode(encoding)
    except ValueError as error:
        reason = "its byte-order mark says so" if encoding != UTF_8 else "it has no byte-order mark"
        raise Failure(
            f"snapshot_file: is read as {encoding.upper()}, since {reason}, and is not ({error}); convert it from the "
            f"encoding of its writer (on Windows often a code page as CP949): {CONVERT.format('CP949')}"
        ) from error
    # A text in JSON holds no NUL.
    if "\0" in text:
        order = "UTF-16LE" if content[1:2] == b"\0" else "UTF-16BE"
        raise Failure(f"snapshot_file: is in {order} without a byte-order mark; convert it: {CONVERT.format(order)}")
    return text


def from_text(text: str, pool: Pool) -> Policy:
    """:raises Failure: with every reason why the text is no TargetTrackingConfiguration."""
    try:
        configuration = json.loads(text, object_hook=_without_null)
    except ValueError as error:
        raise Failure(f"snapshot_file: is no JSON ({error})") from error
    reasons = list(_reasons(configuration))
    if reasons:
        raise Failure("snapshot_file: is no TargetTrackingConfiguration: " + "; ".join(reasons))
    return from_response(
        {
            "PolicyName": pool.policy_name,
            "PolicyType": TARGET_TRACKING,
            "TargetTrackingConfiguration": configuration,
            "EstimatedInstanceWarmup": pool.estimated_instance_warmup,
        }
    )


def _without_null(fields: dict[str, Any]) -> dict[str, Any]:
    """Some tools write null for what is not given."""
    return {name: value for name, value in fields.items() if value is not None}


def _reasons(configuration: Any) -> Iterator[str]:
    if isinstance(configuration, Mapping) and "ScalingPolicies" in configuration:
        yield ANSWER
        return
    yield from _structure_reasons("TargetTrackingConfiguration", configuration)
    if not isinstance(configuration, Mapping):
        return
    target = configuration.get("TargetValue")
    if not isinstance(target, (int, float)) or isinstance(target, bool) or not 0 < target < math.inf:
        yield f"TargetValue {target!r} is not a number above 0"
    if not isinstance(configuration.get("DisableScaleIn", False), bool):
        yield "DisableScaleIn is neither true nor false"
    given = [name for name in SPECIFICATIONS if name in configuration]
    if len(given) != 1:
        yield f"it needs one of {' and '.join(SPECIFICATIONS)}, and has {len(given)}"
    for name in given:
        yield from _specification_reasons(name, configuration[name])


def _specification_reasons(name: str, specification: Any) -> Iterator[str]:
    if isinstance(specification, Mapping) and "Metrics" in specification:
        yield from _structure_reasons("metric math", specification)
        yield from _list_reasons("Metrics", "query", specification["Metrics"], _query_reasons)
        return
    yield from _structure_reasons(name, specification)
    if not isinstance(specification, Mapping):
        return
    if specification.get("PredefinedMetricType") == "ALBRequestCountPerTarget" and not specification.get(
        "ResourceLabel"
    ):
        yield "PredefinedMetricType ALBRequestCountPerTarget needs a ResourceLabel"
    if specification.get("Statistic") not in (None, *STATISTICS):
        yield f"Statistic {specification['Statistic']!r} is none of {', '.join(STATISTICS)}"
    yield from _list_reasons("Dimensions", "dimension", specification.get("Dimensions", []))


def _query_reasons(query: Mapping[str, Any]) -> Iterator[str]:
    if "MetricStat" not in query:
        return
    yield from _structure_reasons("MetricStat", query["MetricStat"])
    metric = query["MetricStat"].get("Metric") if isinstance(query["MetricStat"], Mapping) else None
    if metric is not None:
        yield from _structure_reasons("Metric", metric)
        if isinstance(metric, Mapping):
            yield from _list_reasons("Dimensions", "dimension", metric.get("Dimensions", []))


def _list_reasons(field: str, structure: str, value: Any, inner: Any = None) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{field} is not a list, each entry a {structure}"
        return
    for entry in value:
        yield from _structure_reasons(structure, entry)
        if inner and isinstance(entry, Mapping):
            yield from inner(entry)


def _structure_reasons(structure: str, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{structure} {value!r} is not an object"
        return
    needed, allowed = FIELDS[structure]
    for name in sorted(set(value) - allowed):
        if "cooldown" in name.lower():
            yield f"{name}: {NO_COOLDOWN}"
        else:
            yield WARMUP if name == "EstimatedInstanceWarmup" else f"{name} is not a field of {structure}"
    for name in needed:
        if value.get(name) in (None, ""):
            yield f"{structure} has no {name}"
