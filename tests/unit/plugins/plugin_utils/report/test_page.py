# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page needs nothing but itself, says the verdict first, and shows every text as text."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report import page
from ansible_collections.academy.video_scaling.plugins.plugin_utils.report.wording import line
from ansible_collections.academy.video_scaling.tests.unit import diagnoses
from ansible_collections.academy.video_scaling.tests.unit.diagnoses import NASTY

VOID = {"meta", "input"}
# Attributes that make a browser fetch, or run, something.
FETCHING = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "manifest", "style"}
# The same in scripts and styles.
REACHING = r"url\(|@import|\bimport\b|fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|Worker|innerHTML|eval\("


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    within: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The elements in their order; whatever is not closed as it was opened is an error."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self.open, [element.tag for element in self.open]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), within=[one.tag for one in self.open])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def all(self, tag, **attributes):
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.attributes.get(name) == value for name, value in attributes.items())
        ]


@cache
def html(*makers):
    return page.report(diagnoses.result(*(make() for make in makers)))


def parsed(*makers):
    return Page(html(*makers))


def running(found):
    """The scripts that a browser runs."""
    return [element for element in found.all("script") if "type" not in element.attributes]


EVERY = (
    diagnoses.well,
    diagnoses.busy,
    diagnoses.stuck,
    diagnoses.blind,
    diagnoses.unknown,
    diagnoses.nasty,
)
every_page = pytest.mark.parametrize(
    "makers", [EVERY, *((make,) for make in EVERY), ()], ids=["all", *(make.__name__ for make in EVERY), "none"]
)


@every_page
def test_nothing_is_fetched_from_anywhere(makers):
    found = parsed(*makers)
    for element in found.elements:
        assert not FETCHING & set(element.attributes), element
        assert not [name for name in element.attributes if name.startswith("on")], element
        assert (element.attributes.get("href") or "#").startswith("#"), element
        assert element.tag not in {"link", "iframe", "img", "object", "embed", "base"}
    code = [element.text for element in [*found.all("style"), *running(found)]]
    assert len(code) == 3
    for text in code:
        assert not re.findall(REACHING, text)
        # Where licences and libraries are from stands in comments only.
        assert "://" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


@every_page
def test_only_the_pages_own_scripts_may_run(makers):
    found = parsed(*makers)
    (policy,) = [one.attributes["content"] for one in found.all("meta") if "http-equiv" in one.attributes]
    assert policy.startswith("default-src 'none'; ")
    digests = [base64.b64encode(sha256(one.text.encode()).digest()).decode() for one in running(found)]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert len(digests) == 2
    assert "'unsafe-inline'" not in policy.split("script-src")[1]


@every_page
def test_every_chart_has_its_numbers(makers):
    found = parsed(*makers)
    charts = found.all("script", type="application/json")
    assert len(charts) == len(found.all("figure"))
    for chart in charts:
        assert json.loads(chart.text)["points"] == 181
    assert len(found.all("template")) == bool(charts)


def test_the_verdict_comes_first():
    found = parsed(*EVERY)
    words = [element for element in found.elements if element.tag in ("h1", "h2", "table", "figure")]
    assert words[0].text == "5 of 6 pools are not healthy: busy, stuck, blind, nowhere, <script>alert(1)</script>."
    assert [element.tag for element in words[1:4]] == ["h2", "table", "h2"]
    assert found.all("title")[0].text == "Not healthy: diagnosis of ap-northeast-2, 2026-02-22 12:00 UTC"


def test_a_single_pool_says_its_own_verdict_and_has_no_overview():
    found = parsed(diagnoses.well)
    assert found.all("h1")[0].text == "Pool video is healthy."
    assert not [one for one in found.all("section") if one.attributes.get("class") == "overview"]
    assert "open" in found.all("details", id="p1")[0].attributes


def test_what_passed_is_folded_and_what_did_not_is_not():
    found = parsed(diagnoses.stuck)
    assert found.all("article")[0].attributes["id"] == "p1-policy_tracks_queue"
    assert {tuple(one.within[-2:]) for one in found.all("article")} == {("main", "details")}
    folds = found.all("details", **{"class": "fold"})
    assert [one.text.split()[1] for one in folds] == ["passed", "events"]
    assert not any("open" in one.attributes for one in folds)


def test_every_link_leads_to_something_in_the_page():
    found = parsed(*EVERY)
    ids = [one.attributes["id"] for one in found.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    links = {one.attributes["href"] for one in found.all("a")}
    assert len(links) > 10
    assert {link[1:] for link in links} <= set(ids)


def test_a_command_can_be_copied_as_it_is():
    found = parsed(diagnoses.stuck)
    copied = [one.text for one in found.all("code") if one.within[-2:] == ["div", "pre"]]
    assert "ansible-playbook academy.video_scaling.apply" in copied
    assert len(found.all("button")) == len(copied)


def test_status_is_shown_in_words_and_not_by_colour_alone():
    found = parsed(*EVERY)
    for badge in [one for one in found.all("span") if (one.attributes.get("class") or "").startswith("badge")]:
        assert re.search(r"[a-z]{3}", badge.text), badge


def test_what_a_screen_reader_needs():
    found = parsed(*EVERY)
    assert found.all("html", lang="en")
    assert all(one.attributes.get("aria-label") for one in found.all("div") if one.attributes.get("role") == "group")
    assert all(one.attributes.get("scope") for one in found.all("th"))
    # What scrolls can be scrolled by keys.
    assert all(one.attributes.get("tabindex") == "0" for one in found.all("pre"))


@pytest.mark.parametrize("name", NASTY)
def test_every_text_is_text(name):
    text = page.report(diagnoses.result(diagnoses.nasty(name), diagnoses.well()))
    text.encode("utf-8")
    found, tame = Page(text), parsed(diagnoses.stuck, diagnoses.well)
    assert len(found.all("script")) == len(tame.all("script"))
    assert {one.tag for one in found.elements} == {one.tag for one in tame.elements}
    assert found.all("h2")[1].text == line(name)
    assert found.all("a", href="#p1")[0].text == line(name)
    assert not set(text) & set("\x00\x07\x1b\u202e\u2028\ufffe")


def test_of_many_pools_only_few_begin_unfolded_and_one_can_be_found():
    pools = [{**diagnoses.stuck(f"pool_{number}")} for number in range(page.MANY + 1)]
    found = Page(page.report(diagnoses.result(*pools)))
    assert not [one for one in found.all("details") if "open" in one.attributes]
    assert found.all("input", id="find")
    few = Page(page.report(diagnoses.result(*pools[: page.UNFOLDED])))
    assert len([one for one in few.all("details") if "open" in one.attributes]) == page.UNFOLDED
    assert not few.all("input")


MOST_BYTES = 5_000_000


def test_the_page_of_two_hundred_busy_pools_stays_small():
    pool = diagnoses.busy()
    text = page.report(diagnoses.result(*({**pool, "name": f"pool_{number}"} for number in range(200))))
    assert len(text.encode()) < MOST_BYTES


def test_the_library_goes_with_its_licence():
    library, own = [element.text for element in running(parsed(diagnoses.well))]
    assert "Permission is hereby granted" in library and "Leon Sorokin" in library
    assert "(v1.6.32)" in library
    assert "GNU General Public License" in own


@pytest.mark.parametrize("text", ["x </script> y", "</STYLE>", "</s"])
def test_a_file_that_would_end_its_element_is_refused(tmp_path, monkeypatch, text):
    (tmp_path / "page.js").write_text(text)
    for name in ("page.css", "page.html.j2"):
        (tmp_path / name).write_text((page.FILES / name).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(page, "FILES", tmp_path)
    with pytest.raises(ValueError, match=r"page\.js would end"):
        html.__wrapped__(diagnoses.well)
