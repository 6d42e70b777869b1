# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Figures as a bench measures them."""

from __future__ import annotations

from bench.figures import Figure

READS = {"sqs:GetQueueUrl": 2, "sqs:GetQueueAttributes": 2}


def figure(subject="ours", step="noop", pools=1, latency_ms=0, wall=1.0, **more):
    measured = {} if wall is None else {"walls": (wall,), "cpus": (0.5,), "peaks": (100.0,)}
    return Figure(subject, step, pools, latency_ms, **{**measured, **more})


def reads(pools, per_pool=1, **more):
    """The requests of a run that reads both queues of each pool, and more."""
    return {**{name: count * pools * per_pool for name, count in READS.items()}, **more}
