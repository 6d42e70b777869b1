# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A diagram is a picture and words, and one that cannot be drawn stops the build."""

from __future__ import annotations

import re

import pytest

from docs.site import diagrams

SOURCE = """flowchart TB
    accTitle: Two steps
    accDescr: From "one" to two.
    one --> two
"""


def test_the_picture_and_the_words_are_there():
    drawn = diagrams.figure(SOURCE, "page:1")
    assert drawn.count("<svg") == drawn.count("</svg>") == 1
    assert 'aria-label="Two steps: From &quot;one&quot; to two."' in drawn


def test_no_id_is_there_twice():
    ids = re.findall(
        r' id="([^"]+)"', diagrams.figure(SOURCE, "page:1") + diagrams.figure(SOURCE + "two --> three", "page:9")
    )
    assert ids and len(ids) == len(set(ids))


def test_words_in_hangul_have_the_room_that_they_take():
    """A syllable is about as wide as it is high; its font has 16 pixels here."""
    drawn = diagrams.figure(SOURCE.replace("one -->", 'one["대상 추적"] -->'), "page:1")
    [width] = re.findall(r'<foreignObject width="([\d.]+)"[^>]*><div[^>]*><span[^>]*><p>대상 추적</p>', drawn)
    assert 4 * 16 * 0.85 < float(width) < 5 * 16
    assert not set(drawn) & set(diagrams.WIDE)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (SOURCE.replace("accTitle", "title"), "accTitle"),
        (SOURCE.replace("-->", "--"), "page:1"),
        (SOURCE.replace("flowchart", "flowsheet"), "page:1"),
    ],
)
def test_what_cannot_be_drawn_is_reported(source, word):
    with pytest.raises(diagrams.DiagramFailed, match=word):
        diagrams.figure(source, "page:1")
