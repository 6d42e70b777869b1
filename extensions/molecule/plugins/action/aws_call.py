# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to the local AWS, past the collection: how a scenario breaks things by hand, and sees what is there.

aws_call:
  service: events
  operation: describe_rule        # as boto3 names it
  parameters: {Name: my-rule}     # as the API names them
  region: us-east-1               # by default that of the profile
  profile: academy-staging        # by default the account of all scenarios but fleet
register: rule                    # rule.reply is the answer; where AWS refuses, rule.error is its code
"""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.action import ActionBase
from botocore.exceptions import ClientError

from local_aws import operations, profiles

OPTIONS = {
    "service": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
    "parameters": {"type": "dict", "default": {}},
    "region": {"type": "str"},
    "profile": {"type": "str"},
}


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _dummy, given = self.validate_argument_spec(argument_spec=OPTIONS)
        client = profiles.client(given["service"], region=given["region"], profile=given["profile"])
        name = client.meta.method_to_api_mapping[given["operation"]]
        try:
            reply = getattr(client, given["operation"])(**given["parameters"])
        except ClientError as refused:
            return {"failed": True, "msg": str(refused), "error": refused.response["Error"]["Code"]}
        sent = str(given["parameters"].get("Payload", "")).encode()
        return {"changed": operations.mutates(given["service"], name, sent), "reply": _plain(reply)}


def _plain(reply: dict[str, Any]) -> Any:
    """Made of JSON only; what a function answers is JSON as well."""
    del reply["ResponseMetadata"]
    read = {name: json.loads(value.read()) if hasattr(value, "read") else value for name, value in reply.items()}
    return json.loads(json.dumps(read, default=str))
