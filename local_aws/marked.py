# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a program writes into a page stands between two comments, so that no prose around it is touched."""

from __future__ import annotations


def begin(name: str) -> str:
    return f"<!-- {name}: begin -->"


def end(name: str) -> str:
    return f"<!-- {name}: end -->"


def between(text: str, name: str, content: str) -> str:
    """The text with the content between the two comments of that name.

    :raises ValueError: unless both are there, once each and in order.
    """
    before, _within, after = parted(text, name)
    return f"{before}{begin(name)}\n\n{content}\n\n{end(name)}{after}"


def inside(text: str, name: str) -> str:
    """What stands between the two comments, without the empty lines around it."""
    return parted(text, name)[1].strip("\n")


def parted(text: str, name: str) -> tuple[str, str, str]:
    first, last = begin(name), end(name)
    before, found, rest = text.partition(first)
    within, closed, after = rest.partition(last)
    if not found or not closed or first in after or last in after or last in before:
        raise ValueError(f"the text needs {first} and then {last}, once each")
    return before, within, after
