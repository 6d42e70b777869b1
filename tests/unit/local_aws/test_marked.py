# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Only what stands between the comments of a name is read and replaced."""

from __future__ import annotations

import pytest

from local_aws.marked import begin, between, end, inside

BEGIN, END = begin("demo"), end("demo")


def test_only_what_stands_between_the_comments_is_replaced():
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nProse.\n{begin('bench')}\nkept\n{end('bench')}\n"
    once = between(page, "demo", "new")
    assert once == page.replace("\nold\n", "\n\nnew\n\n")
    assert between(once, "demo", "new") == once
    assert inside(once, "demo") == "new"
    assert inside(once, "bench") == "kept"


@pytest.mark.parametrize(
    "page", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}", f"{BEGIN}{END}{END}", f"{END}{BEGIN}{END}"]
)
def test_comments_that_are_missing_or_there_twice_are_refused(page):
    with pytest.raises(ValueError, match="once each"):
        between(page, "demo", "new")
