# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In Markdown every text is text, wherever it stands, and a table stays a table."""

from __future__ import annotations

import re

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import markdown
from ansible_collections.academy.video_scaling.tests.unit import diagnoses
from ansible_collections.academy.video_scaling.tests.unit.diagnoses import NASTY


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("queue_exists in_flight", "queue_exists in_flight"),
        ("_all_ of __it__", r"\_all\_ of \_\_it\_\_"),
        ("<script>", "&lt;script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("a | b", r"a \| b"),
        ("`code`", r"\`code\`"),
        ("**bold** # head", r"\*\*bold\*\* \# head"),
        ("[text](javascript:x)", r"\[text\](javascript:x)"),
        ("![image](x)", r"\!\[image\](x)"),
        ("~~gone~~ $x$", r"\~\~gone\~\~ \$x\$"),
        ("back\\slash", r"back\\slash"),
        ("https://x.example www.x.example a@b.example", None),
        ("two\nlines", "two lines"),
        ("비디오 \N{VIDEO CAMERA}", "비디오 \N{VIDEO CAMERA}"),
        (None, ""),
    ],
)
def test_text_is_text(value, expected):
    found = markdown.text(value)
    if expected is None:
        assert not re.search(r"://|www\.|@", found)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("queue_exists", "`queue_exists`"),
        ("a|b", "`a|b`"),
        ("a`b", "``a`b``"),
        ("`a``b", "``` `a``b ```"),
        ("<script>", "`<script>`"),
        ("two\nlines", "`two lines`"),
        ("", ""),
        (None, ""),
    ],
)
def test_code_is_code(value, expected):
    assert markdown.code(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("queue_exists", "`queue_exists`"), ("a|`b`", r"a\|\`b\`"), ("a\\|b", r"a\\\|b"), ("", "")],
    ids=["a name", "a bar", "a bar behind a backslash", "nothing"],
)
def test_a_cell_ends_where_it_ends(value, expected):
    assert markdown.cell(value) == expected


@pytest.mark.parametrize(
    ("value", "marks"),
    [("aws x", "```"), ("```\nend\n```", "````"), ("a ````` b", "``````")],
    ids=["plain", "with a fence", "with more"],
)
def test_a_block_ends_where_it_ends(value, marks):
    blank, head, *body, tail, last = markdown.block(value, "shell")
    assert (blank, head, tail, last) == ("", f"{marks}shell", marks, "")
    assert "\n".join(body) == value


def headings(text):
    return [line for line in text.splitlines() if re.match("#+ ", line)]


def test_what_a_healthy_pool_says():
    well = diagnoses.well()
    text = markdown.report(diagnoses.result(well))
    assert headings(text) == ["# Diagnosis", "## Pool `video`", "### Passed", "### What happened (UTC)"]
    assert "**Pool video is healthy.**" in text
    assert all(f"`{finding['id']}`" in text for finding in well["findings"])


def test_what_a_pool_says_that_is_not_healthy():
    text = markdown.report(diagnoses.result(diagnoses.stuck("video"), diagnoses.well("audio")))
    found = headings(text)
    assert found[:3] == ["# Diagnosis", "## Pool `video`", "### \u2716 fail: `policy_tracks_queue`"]
    assert "### When it could have scaled and did not (UTC)" in found
    assert "## Pool `audio`" not in found
    assert "| `audio` | \u2714 healthy |" in text
    assert "```shell\nansible-playbook academy.video_scaling.apply\n```" in text
    assert "Evidence: `autoscaling:DescribePolicies`, 2026-02-22 12:00 UTC" in text
    assert "| 09:00 to 12:00 | 181 | in (20 -> 0) | `other_metric` policy video-backlogcount-tt follows" in text


def test_a_skip_says_why():
    text = markdown.report(diagnoses.result(diagnoses.blind()))
    assert "| `snapshot_available` | It was skipped: snapshots are kept elsewhere" in text or (
        "| `snapshot_available` | it was skipped: snapshots are kept elsewhere" in text
    )


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_a_table_or_makes_markup(name):
    text = markdown.report(diagnoses.result(diagnoses.nasty(name), diagnoses.well()))
    text.encode("utf-8")
    fences = 0
    for line in text.splitlines():
        fences += line.startswith("```")
        if fences % 2 or line.startswith("```"):
            continue
        # Outside of code nothing looks like a tag, a link or an image.
        prose = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert not re.search(r"<\w|</|(?<!\\)\[|://", prose), line
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    overview = [row for row in rows if "healthy" in re.split(r"(?<!\\)\|", row)[2]]
    assert len(overview) == 2
    for row in overview:
        assert len(re.findall(r"(?<!\\)\|", row)) == 5, row


def test_of_many_pools_only_those_that_say_something_are_shown_whole():
    well = diagnoses.well()
    pools = [{**well, "name": f"pool_{number}"} for number in range(200)]
    text = markdown.report(diagnoses.result(*pools, diagnoses.blind()))
    assert len([heading for heading in headings(text) if heading.startswith("## ")]) == 1
    assert len(text) < 60_000
