# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between a checkout and a release, from its files and its git."""

from __future__ import annotations

import pytest

from release.ready import missing

FIX = {"changes": {"bugfixes": ["x - y."]}}
NEW = {"changes": {"minor_changes": ["x - y."]}}
BREAK = {"changes": {"breaking_changes": ["x - y."]}}


@pytest.mark.parametrize(
    ("version", "releases", "fragments", "expected"),
    [
        ("0.1.0", {"0.1.0": NEW}, [], []),
        ("1.10.0", {"1.9.0": NEW, "1.10.0": NEW}, [], []),
        ("2.0.0", {"1.9.0": NEW, "2.0.0": FIX}, [], []),
        ("0.1.0", {"0.1.0": {"modules": [{"name": "x"}]}}, [], []),
        ("0.1", {}, [], ["the version 0.1 is not of the form x.y.z"]),
        ("0.1.0", {}, [], ["0.1.0 has no entry"]),
        ("0.1.0", None, [], ["0.1.0 has no entry"]),
        ("0.2.0", {"0.1.0": NEW}, [], ["0.2.0 has no entry"]),
        (
            "0.1.0",
            {},
            ["a.yml", "b.yaml"],
            ["no release tells of a.yml, b.yaml yet: run `make changelog`"],
        ),
        ("0.2.0", {"0.1.0": NEW}, ["a.yml"], ["no release tells of a.yml yet"]),
        (
            "0.1.0",
            {"0.1.0": NEW},
            ["a.yml"],
            ["0.1.0 is released already: raise the version", "no release tells of a.yml"],
        ),
        ("0.1.0", {"0.1.0": NEW, "0.2.0": NEW}, [], ["the version is 0.1.0, but 0.2.0 is in the changelog"]),
        ("0.1.0", {"0.1.0": {"changes": {}}}, [], ["the entry of 0.1.0 tells no change"]),
        ("1.0.1", {"1.0.0": NEW, "1.0.1": NEW}, [], ["after 1.0.0 the changes of 1.0.1 ask for 1.1.0 or higher"]),
        ("1.1.0", {"1.0.0": NEW, "1.1.0": BREAK}, [], ["after 1.0.0 the changes of 1.1.0 ask for 2.0.0 or higher"]),
    ],
)
def test_version_and_changelog_agree(checkout, version, releases, fragments, expected):
    checkout.describe(version, releases, fragments)
    checkout.commit()
    found = missing(checkout.root)
    assert len(found) == len(expected), found
    for sentence, part in zip(found, expected, strict=True):
        assert part in sentence


def test_a_release_is_made_of_what_is_committed(checkout):
    checkout.describe("0.1.0", {"0.1.0": NEW})
    checkout.commit()
    assert missing(checkout.root) == []
    checkout.write("plugins/new.py", "")
    (sentence,) = missing(checkout.root)
    assert "not committed" in sentence


def test_a_tag_stays_on_its_commit(checkout):
    checkout.describe("0.1.0", {"0.1.0": NEW})
    checkout.commit()
    checkout.git("tag", "--annotate", "0.1.0", "--message", "x")
    assert missing(checkout.root) == []
    checkout.commit()
    (sentence,) = missing(checkout.root)
    assert "the tag 0.1.0 is on another commit" in sentence
