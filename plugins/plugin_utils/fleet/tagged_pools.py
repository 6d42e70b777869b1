# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pool is what the tags of its group say, and what is said for all groups where they say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils.aws.module import refusal
from ...module_utils.failures import listed
from ...module_utils.pool import POOL_OPTIONS, label

# Gives the value of an option of ``pool_defaults`` for one group, None where it gives none.
Render = Callable[[str, Any, Mapping[str, Any]], Any]

GROUP = "auto_scaling_group_name"


def pool_of(group: Mapping[str, Any], prefix: str, defaults: Mapping[str, Any], render: Render) -> dict[str, Any]:
    tagged = options_of(group["tags"], prefix)
    wanted = _without(defaults, tagged)
    rendered = {option: render(option, value, group) for option, value in wanted.items()}
    given = {option: value for option, value in rendered.items() if value is not None}
    options = {"name": name_of(group[GROUP]), **_joined(given, tagged), GROUP: group[GROUP]}
    ordered = sorted(options, key=lambda option: list(POOL_OPTIONS).index(option) if option in POOL_OPTIONS else 99)
    return {option: _typed(option, options[option]) for option in ordered}


def options_of(tags: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """``metric.name`` is an option of ``metric``; behind ``metric.dimensions.`` stands a name as it is."""
    options: dict[str, Any] = {}
    for key in sorted(tags):
        if not key.startswith(prefix):
            continue
        *outer, last = (
            key.removeprefix(prefix).split(".", 2) if key.startswith(f"{prefix}metric.") else [key.removeprefix(prefix)]
        )
        inner = options
        for name in outer:
            inner = inner.setdefault(name, {})
            if not isinstance(inner, dict):
                # Said twice, as a text and in parts: the text is refused where the pool is checked.
                break
        else:
            inner[last] = tags[key]
    return options


def name_of(group_name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", group_name.lower()).strip("_")


def breaches_of(
    groups: Sequence[Mapping[str, Any]], pools: Sequence[Mapping[str, Any]], prefix: str, defaults: Mapping[str, Any]
) -> list[str]:
    """What is wrong with the pools of one region of one account, each with its group and tag."""
    own = [
        f"group {group[GROUP]}: {GROUP}: is this group, whose tags are read; remove tag {prefix}{GROUP}"
        for group in groups
        if f"{prefix}{GROUP}" in group["tags"]
    ]
    own += [
        f"group {group[GROUP]}: {breach} ({_origin(breach.partition(':')[0], group['tags'], prefix, defaults)})"
        for group, params in zip(groups, pools, strict=True)
        for breach in _breaches([params], f"{label(params, 0)}: ")
    ]
    if own:
        return own
    return [f"{breach} ({_owners(breach, pools)})" for breach in _breaches(pools, "")]


def _breaches(pools: Sequence[Mapping[str, Any]], opening: str) -> list[str]:
    lines = refusal(list(pools)).splitlines()
    # Of several, the first line counts them.
    return [line.removeprefix("- ").removeprefix(opening) for line in (lines[1:] if len(lines) > 1 else lines)]


def _origin(option: str, tags: Mapping[str, str], prefix: str, defaults: Mapping[str, Any]) -> str:
    key = f"{prefix}{option}"
    tagged = [tag for tag in sorted(tags) if tag == key or tag.startswith(f"{key}.")]
    if tagged:
        return f"tag {listed(tagged)}"
    inner: Any = defaults
    for part in option.split("."):
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    return f"pool_defaults.{option}" if inner is not None else f"give tag {key}, or pool_defaults.{option}"


def _owners(breach: str, pools: Sequence[Mapping[str, Any]]) -> str:
    words = set(re.findall(r"\w+", breach))
    return listed([f"pool {params['name']} is group {params[GROUP]}" for params in pools if params["name"] in words])


def _typed(option: str, value: Any) -> Any:
    """A tag is a text. What cannot be read as its option's type stays one, and is refused as that."""
    spec = POOL_OPTIONS.get(option, {})
    if spec.get("type") not in ("int", "float", "bool"):
        return value
    checked = ArgumentSpecValidator({option: spec}).validate({option: value})
    return value if checked.error_messages else checked.validated_parameters[option]


def _without(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the tags do not say themselves."""
    return {
        name: _without(value, given[name]) if name in given else value
        for name, value in defaults.items()
        if name not in given or (isinstance(value, dict) and isinstance(given[name], dict))
    }


def _joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    return {**first, **second} | {
        name: _joined(first[name], second[name])
        for name in first.keys() & second.keys()
        if isinstance(first[name], dict) and isinstance(second[name], dict)
    }
