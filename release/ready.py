# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a release still lacks is listed at once, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .git import git
from .version import Version, lowest_after, parse

_ADD_A_RELEASE = "run `make changelog`, and commit what it writes"


def missing(root: Path) -> list[str]:
    """One sentence for each thing that stands between this checkout and a release; empty where it is ready."""
    stated = str(_load(root / "galaxy.yml")["version"])
    version = parse(stated)
    if version is None:
        return [f"galaxy.yml: the version {stated} is not of the form x.y.z, three numbers without leading zeros."]
    return [*_missing_in_changelog(root / "changelogs", version), *_missing_in_git(root, version)]


def _missing_in_changelog(folder: Path, version: Version) -> Iterator[str]:
    entries: dict[str, dict[str, Any]] = _load(folder / "changelog.yaml").get("releases") or {}
    released = sorted((number, text) for text in entries if (number := parse(text)))
    newest = released[-1][0] if released else None
    fragments = sorted(path.name for suffix in ("yml", "yaml") for path in (folder / "fragments").glob(f"*.{suffix}"))
    if fragments:
        yield from _fragments_left(fragments, version, newest)
    elif newest is None or newest < version:
        yield (
            f"changelogs: {version} has no entry in changelog.yaml, and fragments/ holds nothing to make it of: "
            f"write a fragment for each change that a user notices, then {_ADD_A_RELEASE}."
        )
    elif newest > version:
        yield f"galaxy.yml: the version is {version}, but {newest} is in the changelog: state that one or a higher one."
    elif not _tells_something(entries[str(version)]):
        yield f"changelogs/changelog.yaml: the entry of {version} tells no change: a release has at least one."
    elif len(released) > 1:
        lowest = lowest_after(released[-2][0], entries[str(version)])
        if version < lowest:
            asked = f"after {released[-2][1]} the changes of {version} ask for {lowest} or higher"
            yield f"galaxy.yml: {asked} (docs/releasing.md)."


def _fragments_left(fragments: list[str], version: Version, newest: Version | None) -> Iterator[str]:
    if newest is not None and version <= newest:
        yield f"galaxy.yml: {newest} is released already: raise the version, now {version}, before the next release."
    yield f"changelogs/fragments: no release tells of {', '.join(fragments)} yet: {_ADD_A_RELEASE}."


def _tells_something(entry: dict[str, Any]) -> bool:
    return any(entry.get("changes", {}).values()) or any(entry.get(kind) for kind in ("modules", "plugins", "objects"))


def _missing_in_git(root: Path, version: Version) -> Iterator[str]:
    if git(root, "status", "--porcelain"):
        yield "git: `git status` shows changes that are not committed, and a release holds what is: commit them."
    tagged = git(root, "tag", "--list", str(version)) and git(root, "rev-list", "-n", "1", str(version))
    if tagged and tagged != git(root, "rev-parse", "HEAD"):
        yield f"git: the tag {version} is on another commit ({tagged[:9]}): check that one out, or raise the version."


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
