# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A link that leads nowhere is found, and none that leads somewhere is complained of."""

from __future__ import annotations

import pytest

from docs.site.links import broken_links


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "index.html").write_text('<h1 id="top">B</h1><a href="../index.html#here">x</a>')
    (tmp_path / "style.css").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("link", "broken"),
    [
        ("a%20b/index.html#top", False),
        ("a%20b/", False),
        ("#here", False),
        ("#", False),
        ("style.css?v=1", False),
        ("style.css#part", False),
        ("https://example.com/gone#x", False),
        ("mailto:nobody@example.com", False),
        ("data:image/png;base64,AAAA", False),
        ("gone.html", True),
        ("a%20b/index.html#bottom", True),
        ("#bottom", True),
        ("empty/", True),
    ],
)
@pytest.mark.parametrize("attribute", ["a href", "img src"])
def test_what_is_broken(site, link, broken, attribute):
    tag, name = attribute.split()
    (site / "index.html").write_text(f'<p id="here">y</p><{tag} {name}="{link}">x</{tag}>')
    assert [link in line for line in broken_links(site)] == [True] * broken


def test_a_site_without_a_page_is_broken(tmp_path):
    assert broken_links(tmp_path)
