# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A version says by its numbers what an upgrade may break: semantic versioning, by the sections of the changelog."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
# Whoever upgrades has to change something.
_BREAKING = {"breaking_changes", "removed_features"}
# Nobody has to, but there is something new to know of.
_NEW = {"major_changes", "minor_changes", "deprecated_features"}
# What antsibull-changelog lists of itself: plugins and roles that the version before did not have.
_NEW_CONTENT = {"modules", "plugins", "objects"}


class Version(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


def parse(text: str) -> Version | None:
    """The version that a text is, None for anything but x.y.z: a release has no other form."""
    found = _FORM.fullmatch(text)
    return Version(*map(int, found.groups())) if found else None


def lowest_after(previous: Version, entry: Mapping[str, Any]) -> Version:
    """The lowest version that the changes of a changelog's entry may have."""
    sections = {name for name, changes in entry.get("changes", {}).items() if changes}
    if sections & _BREAKING:
        # Before 1.0.0 nothing is promised yet, and the second number is raised instead.
        return Version(previous.major + 1, 0, 0) if previous.major else Version(0, previous.minor + 1, 0)
    if sections & _NEW or entry.keys() & _NEW_CONTENT:
        return Version(previous.major, previous.minor + 1, 0)
    return Version(previous.major, previous.minor, previous.patch + 1)
