# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command about a queue can be pasted as it is: the name becomes a URL, and what is set is quoted for the shell."""

from __future__ import annotations

import json
import shlex

from ansible_collections.academy.video_scaling.plugins.module_utils.diagnosis.wording.queue_commands import (
    attributes_of,
    on_queue,
    set_attributes,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import PLACE

URL = '"$(aws sqs get-queue-url --queue-name jobs --query QueueUrl --output text --region ap-northeast-2)"'


def test_the_url_is_looked_up():
    assert on_queue(PLACE, "jobs", "receive-message", visibility_timeout=0) == (
        f"aws sqs receive-message --queue-url {URL} --visibility-timeout 0 --region ap-northeast-2"
    )
    assert attributes_of(PLACE, "jobs") == (
        f"aws sqs get-queue-attributes --queue-url {URL} --attribute-names All --region ap-northeast-2"
    )


def test_attributes_survive_the_shell():
    attributes = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:it's", "maxReceiveCount": 3})}
    words = shlex.split(set_attributes(PLACE, "jobs", attributes))
    assert words[:3] == ["aws", "sqs", "set-queue-attributes"]
    assert json.loads(words[words.index("--attributes") + 1]) == attributes
