# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags that the tests give: what is live of them, what has to be sent then, and every way to give them wrongly."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan

TAGS = {"team": "video", "cost-center": "7"}
FOREIGN = {"owner": "kim"}

# What is live, and what of TAGS has to be sent then.
every_drift = pytest.mark.parametrize(
    ("live", "untagged"),
    [
        pytest.param({**FOREIGN, **TAGS}, {}, id="as given"),
        pytest.param({**FOREIGN, "team": "video"}, {"cost-center": "7"}, id="one is missing"),
        pytest.param({**TAGS, "team": "audio", **FOREIGN}, {"team": "video"}, id="another value"),
        pytest.param({**TAGS, "team": ""}, {"team": "video"}, id="an empty value"),
        pytest.param(FOREIGN, TAGS, id="only somebody else's"),
        pytest.param({}, TAGS, id="none"),
    ],
)


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def require_own_tags_shown(plan: Plan, live: dict[str, str]) -> None:
    """The diff has the given tags before and after, and nobody else's are in any part of the plan."""
    before, after = plan.before or {}, plan.after or {}
    assert before.get("tags", {}) == {key: live[key] for key in TAGS if key in live}
    assert after["tags"] == TAGS
    assert not any(key in str(plan) for key in FOREIGN)


def case(name, tags, reason):
    return pytest.param(tags, reason, id=name)


BAD_TAGS = [
    case("no key", {"": "video"}, "the key '' must have 1 to 128 characters"),
    case("key of 129", {"k" * 129: "video"}, "must have 1 to 128 characters"),
    case("value of 257", {"team": "v" * 257}, "the value of 'team' must have 0 to 256 characters"),
    case("a sign in a key", {"team!": "video"}, "the key 'team!' must not have '!'; AWS takes letters, digits, spaces"),
    case("signs in a value", {"team": "a;b,c"}, "the value of 'team' must not have ',' ';'; AWS takes letters"),
    case("a line end", {"team": "video\n"}, r"must not have '\n'"),
    case("AWS's own key", {"aws:team": "video"}, "the key 'aws:team' starts with aws:, which AWS keeps for itself"),
    case("AWS's own key in capitals", {"AWS:team": "video"}, "starts with aws:"),
    case("AWS's own value", {"team": "aws:video"}, "the value of 'team' starts with aws:"),
    case("nothing", {"team": None}, "the value of 'team' must be a text, a number or a boolean; quote it, or give ''"),
    case("a list", {"team": ["video"]}, "the value of 'team' must be a text, a number or a boolean"),
    case("a dictionary", {"team": {"name": "video"}}, "the value of 'team' must be a text, a number or a boolean"),
    case("51", {f"key-{number}": "" for number in range(51)}, "51 given; AWS takes up to 50 for a role, so give fewer"),
    case("two cases of one key", {"Team": "a", "team": "b"}, "the keys 'Team' and 'team' differ only in case"),
]
