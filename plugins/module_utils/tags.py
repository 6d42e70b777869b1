# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of what a run creates: what may be given, what is live of it, and what has to be sent.

Only the given tags are compared and sent. All others are somebody else's; none is ever removed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from .failures import Failure

Tags: TypeAlias = Mapping[str, str]

OPTION: dict[str, Any] = {"tags": {"type": "dict", "default": {}}}
NONE: Tags = MappingProxyType({})
# IAM is the strictest of the services (documented: API_Tag, API_CreateRole, and "Rules for tagging in IAM and AWS STS"
# in its user guide). SQS advises against more than as many on a queue (documented: API_TagQueue).
MOST = 50
LONGEST_KEY = 128
LONGEST_VALUE = 256
SIGNS = "_.:/=+-@"
# Of Unicode: letters, numbers and separators.
CATEGORIES = "LNZ"
RESERVED = "aws:"


def from_params(given: Mapping[Any, Any] | None) -> Tags:
    """The tags as texts: a number as it is written, a boolean as ``true`` or ``false``.

    :raises Failure: with every problem of them.
    """
    found = {str(key): value for key, value in (given or {}).items()}
    problems = [f"tags: {problem}" for problem in _problems(found)]
    if problems:
        several = f"{len(problems)} problems in tags:\n" + "\n".join(f"- {problem}" for problem in problems)
        raise Failure(several if len(problems) > 1 else problems[0])
    return {key: _text(value) for key, value in found.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problems(given: Mapping[str, Any]) -> Iterator[str]:
    if len(given) > MOST:
        yield f"{len(given)} given; AWS takes up to {MOST} for a role, so give fewer"
    for key, value in given.items():
        yield from _problems_of_text(f"the key {key!r}", key, 1, LONGEST_KEY)
        if isinstance(value, (str, int, float)):
            yield from _problems_of_text(f"the value of {key!r}", _text(value), 0, LONGEST_VALUE)
        else:
            yield f"the value of {key!r} must be a text, a number or a boolean; quote it, or give '' for an empty one"
    spelled: dict[str, str] = {}
    for key in given:
        other = spelled.setdefault(key.casefold(), key)
        if other != key:
            yield f"the keys {other!r} and {key!r} differ only in case, which is one key for a role; give one of them"


def _problems_of_text(what: str, text: str, least: int, most: int) -> Iterator[str]:
    if not least <= len(text) <= most:
        yield f"{what} must have {least} to {most} characters"
    foreign = sorted({sign for sign in text if sign not in SIGNS and unicodedata.category(sign)[0] not in CATEGORIES})
    if foreign:
        listed = " ".join(repr(sign) for sign in foreign)
        yield f"{what} must not have {listed}; AWS takes letters, digits, spaces and {' '.join(SIGNS)}"
    if text.lower().startswith(RESERVED):
        yield f"{what} starts with {RESERVED}, which AWS keeps for itself; choose another one"


def own(live: Mapping[str, str], wanted: Tags) -> Tags:
    """The live values of the wanted keys."""
    return {key: live[key] for key in wanted if key in live}


def own_in_any_case(live: Mapping[str, str], wanted: Tags) -> Tags:
    """The same of a role, whose keys IAM tells apart by their letters and not by their case (documented: "Case
    sensitivity" in "Tags for AWS Identity and Access Management resources").
    """
    folded = {key.casefold(): value for key, value in live.items()}
    return {key: folded[key.casefold()] for key in wanted if key.casefold() in folded}


def differing(found: Tags, wanted: Tags) -> Tags:
    """The wanted tags that are not there, or have another value."""
    return {key: value for key, value in wanted.items() if found.get(key) != value}


def shown(tags: Tags) -> dict[str, Any]:
    """As a part of what is shown of a resource: nothing where none are given."""
    return {"tags": dict(tags)} if tags else {}


def to_list(tags: Tags) -> list[dict[str, str]]:
    """As IAM, EventBridge and Systems Manager write them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_list(listed: Sequence[Mapping[str, str]]) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in listed}
