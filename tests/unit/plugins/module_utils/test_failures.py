# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failure is one sentence; what AWS refused keeps its code, and what stops the whole run is a kind of its own."""

from __future__ import annotations

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure, Unusable


@pytest.mark.parametrize(
    ("failure", "kinds"),
    [
        (Failure("no group"), (Failure,)),
        (AwsFailure("no group", "ValidationError", "autoscaling:PutScalingPolicy"), (Failure, AwsFailure)),
        (Unusable("no group"), (Failure, AwsFailure, Unusable)),
    ],
    ids=["Failure", "AwsFailure", "Unusable"],
)
def test_a_failure_is_its_sentence(failure, kinds):
    assert str(failure) == "no group"
    assert tuple(kind for kind in (Failure, AwsFailure, Unusable) if isinstance(failure, kind)) == kinds


def test_what_aws_refused_keeps_code_and_operation():
    failure = AwsFailure("no group", "ValidationError", "autoscaling:PutScalingPolicy")
    assert (failure.code, failure.operation) == ("ValidationError", "autoscaling:PutScalingPolicy")
