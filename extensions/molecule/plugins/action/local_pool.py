# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there before the collection comes: a group of workers and, where it is named, its queue with messages.

local_pool:
  auto_scaling_group_name: academy-video-worker-asg
  old_policy: video-backlogcount-tt       # one that follows a count which is not the queue's; by default none
  queue_name: academy-video-jobs          # made with its dead-letter queue, <queue_name>-dlq
  visible: 3                              # messages that wait
  in_flight: 2                            # messages that workers are busy with
  region: us-east-1                       # by default that of the profile
  profile: academy-staging                # by default the account of all scenarios but fleet
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible.plugins.action import ActionBase

from local_aws import profiles, seed
from local_aws.emulator import REGION

OPTIONS = {
    "auto_scaling_group_name": {"type": "str", "required": True},
    "old_policy": {"type": "str"},
    "queue_name": {"type": "str"},
    "visible": {"type": "int", "default": 0},
    "in_flight": {"type": "int", "default": 0},
    "region": {"type": "str", "default": REGION},
    "profile": {"type": "str"},
}


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _dummy, given = self.validate_argument_spec(argument_spec=OPTIONS)
        client = partial(profiles.client, region=given["region"], profile=given["profile"])
        seed.make_group(
            client,
            name=given["auto_scaling_group_name"],
            old_policy=given["old_policy"],
            zone=f"{given['region']}a",
        )
        if given["queue_name"]:
            seed.make_queue(
                client,
                name=given["queue_name"],
                dead_letter_name=f"{given['queue_name']}-dlq",
                visible=given["visible"],
                in_flight=given["in_flight"],
            )
        return {"changed": True}
