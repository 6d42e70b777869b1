# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says of one pool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

PASS = "pass"
WARN = "warn"
FAIL = "fail"
UNKNOWN = "unknown"
SKIPPED = "skipped"
# From good to bad, for whoever sorts or counts.
STATUSES = (PASS, SKIPPED, WARN, UNKNOWN, FAIL)


@dataclass(frozen=True)
class Remedy:
    """The way out.

    :param playbook: the command line of a playbook of this collection, empty where none helps.
    :param cli: the same by the AWS CLI, or what shows more; empty where there is none.
    """

    playbook: str = ""
    cli: str = ""


@dataclass(frozen=True)
class Finding:
    """:param cause: what is wrong, as the clause after "because": lower case, no full stop, names and numbers in it.
    :param observed: what AWS answered of it, as far as a reader needs it. :param expected: what would pass.
    :param at: when that was so (a datapoint's time, a change of state); None for the time of the reading.
    :param effect: what the person sees of it, the clause before "because"; empty for that of the check.
    :param stands_alone: whether it matters by itself, whatever failure of an earlier check it comes of.

    What follows belongs to the check or to the run, and is filled in by it.

    :param api: the action, as IAM writes it, that shows it. :param follows_from: the earlier check whose failure
        explains this one. :param why: why it matters.
    """

    status: str
    cause: str = ""
    observed: Any = None
    expected: Any = None
    at: datetime | None = None
    remedy: Remedy = Remedy()
    effect: str = ""
    stands_alone: bool = False
    id: str = ""
    pool: str = ""
    title: str = ""
    why: str = ""
    api: str = ""
    follows_from: str = ""


def passed(observed: Any = None, expected: Any = None, at: datetime | None = None) -> Finding:
    return Finding(PASS, observed=observed, expected=expected, at=at)


def not_needed(reason: str) -> Finding:
    """A check that this pool has no use for, as in ``signal sqs_total needs no publisher``."""
    return Finding(PASS, observed=f"not needed: {reason}")


def warned(cause: str, **more: Any) -> Finding:
    return Finding(WARN, cause, **more)


def failed(cause: str, **more: Any) -> Finding:
    return Finding(FAIL, cause, **more)
