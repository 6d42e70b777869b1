# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong is one sentence: what happened, to what, and the way out."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 10) -> str:
    """The names as a person can read them: of very many, the first ones and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


class Failure(Exception):
    """Stops the work on one resource. ``str(failure)`` is the whole sentence for the person on call."""


class AwsFailure(Failure):
    """AWS refused a request, or could not be asked.

    :param sentence: what to tell the person.
    :param code: AWS's error code (``QueueDoesNotExist``), or the botocore exception's name.
    :param operation: ``service:Operation`` as IAM writes it.
    """

    def __init__(self, sentence: str, code: str = "", operation: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.operation = operation


class Lasting(AwsFailure):
    """AWS refuses this until somebody has changed something: asking again is of no use."""


class Outdated(AwsFailure):
    """A write does not fit what is there: AWS had not shown yet what was made, or deleted, a moment ago."""


class Unusable(AwsFailure):
    """Nothing can be asked of AWS at all (no credentials, no route): the whole run stops, not one pool."""
