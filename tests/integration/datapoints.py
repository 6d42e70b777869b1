# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Datapoints of the past, as somebody else's publisher or AWS itself would have left them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from tests.integration.account import NAMESPACE, Account

DIMENSIONS = {"WorkerType": "Video", "AutoScalingGroupName": "academy-video-worker-asg"}
# What an emulator takes in one request.
BATCH = 20


def put(
    account: Account,
    name: str,
    value: float,
    minutes: Iterable[int],
    namespace: str = NAMESPACE,
    dimensions: Mapping[str, str] = DIMENSIONS,
    unit: str = "Count",
) -> None:
    """The same value in each minute, so many minutes ago."""
    now = datetime.now(UTC).replace(second=30, microsecond=0)
    pairs = [{"Name": key, "Value": held} for key, held in dimensions.items()]
    every = [
        {
            "MetricName": name,
            "Dimensions": pairs,
            "Timestamp": now - timedelta(minutes=ago),
            "Value": value,
            "Unit": unit,
        }
        for ago in minutes
    ]
    for start in range(0, len(every), BATCH):
        account.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=every[start : start + BATCH])
