# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the publisher's runs went, for one pool: a run that failed for another pool has measured this one all the same.

Two witnesses: the metrics of Lambda count all pools together, the lines of the log name the pool.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...resources.datapoints import Series
from ..finding import Remedy
from ..observed import Expected, Observed, log_group
from ..wording.command_line import cli, playbook
from . import pace, series

LONGEST_REASON = 200  # characters: what fits into a sentence
# In lower case: botocore says ConnectTimeoutError and "Connect timeout on endpoint URL", Lambda "Task timed out".
REFUSED = ("accessdenied", "not authorized", "authorizationerror", "unauthorizedoperation")
UNREACHED = ("timed out", "timeout", "could not connect", "endpointconnection", "was not read in time")


@dataclass(frozen=True)
class Runs:
    """:param longest: milliseconds. :param lines: of the log, that tell of an error in this time.
    :param blameless: whether the pool was published in this time, and nobody knows which pools the errors were of.
    :param reasons: what those say that concern this pool: time and words, oldest first.
    """

    start: datetime
    count: float
    errors: float
    throttles: float
    longest: float
    lines: int
    blameless: bool
    reasons: Sequence[tuple[datetime, str]]

    @property
    def failing(self) -> bool:
        """Whether the runs fail for this pool: at least half of them."""
        if not self.count:
            return bool(self.reasons)
        if self.blameless:
            return False
        return self.errors * 2 >= self.count and len(self.reasons) * 2 >= self.lines

    @property
    def refused(self) -> str:
        """The last reason that tells of a missing right, where the runs fail now."""
        return self._last(REFUSED)

    @property
    def unreached(self) -> str:
        """The last reason that tells of an AWS service that did not answer, where the runs fail now."""
        return self._last(UNREACHED)

    def _last(self, words: Sequence[str]) -> str:
        telling = (reason for dummy, reason in reversed(self.reasons) if any(word in reason.lower() for word in words))
        return next(telling, "") if self.failing else ""


def of(observed: Observed, expected: Expected, metrics: Mapping[str, Series], start: datetime | None = None) -> Runs:
    """:param start: the latest runs, where it is not given."""
    start = start or observed.at - pace.recent(expected.schedule_expression)
    lines: Sequence[tuple[datetime, str]] = [line for line in observed.known("log_errors", ()) if line[0] >= start]
    reasons = [(time, reason_for(expected.pool.name, text)) for time, text in lines]
    durations = series.after(metrics.get("duration", ()), start)
    return Runs(
        start,
        series.total(metrics, "invocations", start),
        series.total(metrics, "errors", start),
        series.total(metrics, "throttles", start),
        max((value for dummy, value in durations), default=0),
        len(lines),
        observed.known("log_errors") is None and bool(series.after(observed.known("metric", ()), start)),
        [(time, reason) for time, reason in reasons if reason],
    )


def remedy(observed: Observed, expected: Expected) -> Remedy:
    fired = observed.known("live_version") or observed.known("function")
    group = log_group(fired, expected.function_name)
    return Remedy(playbook("deploy_lambda"), cli(observed.place, f"logs tail {shlex.quote(group)}", since="30m"))


def reason_for(pool: str, text: str) -> str:
    """What a line of the log says of this pool; empty where it is only of others."""
    # Below the first line of an error stands its traceback.
    line = next(iter(text.strip().splitlines()), "")
    try:
        failed = json.loads(text).get("failed")
    except (ValueError, AttributeError):
        failed = None
    if isinstance(failed, Mapping):
        return str(failed.get(pool, ""))[:LONGEST_REASON]
    if " published for " in line:
        match = re.search(rf"(?:published for |; ){re.escape(pool)}: (.*?)(?=; [a-z][a-z0-9_]*: |$)", line)
        return match[1][:LONGEST_REASON] if match else ""
    return line[:LONGEST_REASON]
