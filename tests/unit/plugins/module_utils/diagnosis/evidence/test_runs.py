# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that failed for another pool is no failure of this one."""

from __future__ import annotations

import json

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.evidence import runs
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure
from ansible_collections.academy.video_scaling.tests.unit.observations import (
    FUNCTION,
    ago,
    function_metrics,
    live_version,
    observed,
    series,
    wanted,
)

NO_RATIO = "no value per instance: LookupError: there is no Auto Scaling group workers"


def structured(**failed):
    return json.dumps({"level": "ERROR", "message": "some queue depths not published", "failed": failed})


def raised(what="not everything was", **failed):
    reasons = "; ".join(f"{pool}: {reason}" for pool, reason in failed.items())
    return f"[ERROR] NotPublished: {what} published for {reasons}\nTraceback (most recent call last):\n  File x"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (structured(video="ClientError: no; really"), "ClientError: no; really"),
        (structured(audio="ClientError: no"), ""),
        (structured(), ""),
        (raised(video="ClientError: no"), "ClientError: no"),
        (raised("no queue depth", video="ClientError: no"), "ClientError: no"),
        (raised("no queue depth", audio="ClientError: no"), ""),
        (raised(audio="gone", video=NO_RATIO, zoo="gone"), NO_RATIO),
        (structured(video=NO_RATIO), NO_RATIO),
        (raised(audio="gone", video="ClientError: no"), "ClientError: no"),
        (raised(video="first; then more", zoo="gone"), "first; then more"),
        (raised(audio="gone"), ""),
        (raised(my_video="gone"), ""),
        ("1-2 Task timed out after 50.00 seconds\n\n", "1-2 Task timed out after 50.00 seconds"),
        ('["a list"]', '["a list"]'),
        ("x" * 1000, "x" * 200),
        ("", ""),
    ],
)
def test_what_a_line_says_of_a_pool(text, reason):
    assert runs.reason_for("video", text) == reason


REFUSED = "ClientError: An error occurred (AccessDenied) when calling the PutMetricData operation"
UNREACHED = 'ConnectTimeoutError: Connect timeout on endpoint URL: "https://sqs"'


@pytest.mark.parametrize(
    ("metrics", "lines", "failing", "refused", "unreached"),
    [
        (function_metrics(), [], False, "", ""),
        (function_metrics(errors=series(1)), [], True, "", ""),
        (function_metrics(errors=series(1)), [structured(audio=REFUSED)], False, "", ""),
        (function_metrics(errors=series(1)), [structured(video=REFUSED)], True, REFUSED, ""),
        (function_metrics(errors=series(1)), [structured(video=UNREACHED)], True, "", UNREACHED),
        (function_metrics(errors=series(1, until=11)), [], False, "", ""),
        (function_metrics(errors=series(1, minutes=4)), [structured(video=REFUSED)], False, "", ""),
        (function_metrics(errors=series(1, minutes=5)), [structured(video=REFUSED)], True, REFUSED, ""),
        (
            function_metrics(errors=series(1)),
            [structured(video=REFUSED), structured(audio=REFUSED), structured(audio=REFUSED)],
            False,
            "",
            "",
        ),
        (
            function_metrics(errors=series(1)),
            [structured(video=REFUSED), structured(audio=REFUSED)],
            True,
            REFUSED,
            "",
        ),
        (function_metrics(errors=series(0.5)), [], True, "", ""),
        ({}, [structured(video=REFUSED)], True, REFUSED, ""),
        ({}, [structured(audio=REFUSED)], False, "", ""),
    ],
    ids=[
        "well",
        "errors",
        "errors of another pool",
        "refused",
        "unreached",
        "errors that are over",
        "fewer than half",
        "half",
        "once for this pool, always for another",
        "for each of two pools",
        "every second one",
        "no metrics yet",
        "no metrics yet, another pool",
    ],
)
def test_how_the_latest_runs_went(metrics, lines, failing, refused, unreached):
    latest = runs.of(observed(log_errors=[(ago(minutes=1), line) for line in lines]), wanted(), metrics)
    assert (latest.failing, latest.refused, latest.unreached) == (failing, refused, unreached)


@pytest.mark.parametrize(
    ("lines", "metric", "failing"),
    [
        ([(ago(minutes=30), structured(video=REFUSED))], series(3), True),
        (AwsFailure("denied"), (), True),
        # The errors may all be those of other pools.
        (AwsFailure("denied"), series(3), False),
    ],
    ids=["old", "unread", "unread, but published"],
)
def test_an_old_or_unread_log_says_nothing(lines, metric, failing):
    latest = runs.of(observed(log_errors=lines, metric=metric), wanted(), function_metrics(errors=series(1)))
    assert (latest.failing, latest.refused, latest.lines) == (failing, "", 0)


ELSEWHERE = {"LoggingConfig": {"LogGroup": "/publishers/#2"}}


@pytest.mark.parametrize(
    ("readings", "group"),
    [
        ({"live_version": live_version()}, f"/aws/lambda/{FUNCTION}"),
        ({"live_version": live_version(**ELSEWHERE)}, "'/publishers/#2'"),
        ({"live_version": None, "function": live_version(**ELSEWHERE)}, "'/publishers/#2'"),
        ({"live_version": None, "function": None}, f"/aws/lambda/{FUNCTION}"),
        ({"live_version": AwsFailure("denied"), "function": AwsFailure("denied")}, f"/aws/lambda/{FUNCTION}"),
    ],
    ids=["the usual", "another", "another, without an alias", "no function", "denied"],
)
def test_the_log_to_look_at_is_the_one_that_is_written(readings, group):
    command = runs.remedy(observed(**readings), wanted()).cli
    assert command == f"aws logs tail {group} --since 30m --region ap-northeast-2"


def test_a_given_start_counts_all_since_then():
    metrics = function_metrics(throttles=series(1), duration=(*series(900, until=60), *series(240, minutes=59)))
    latest = runs.of(observed(), wanted(), metrics, ago(minutes=90))
    assert (latest.count, latest.throttles, latest.longest) == (89, 89, 900)
