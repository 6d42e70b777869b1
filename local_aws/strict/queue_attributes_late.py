# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A changed attribute of a queue shows late, and its retention period later still."""

from __future__ import annotations

from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour, Settings, Upstream
from local_aws.strict.countdown import Countdown, Key

NAME = "queue_attributes_late"
SOURCE = ("documented: API_SetQueueAttributes (up to 60 seconds; MessageRetentionPeriod up to 15 minutes)",)

RETENTION = "MessageRetentionPeriod"


class QueueAttributesLate(Behaviour):
    def __init__(self, aws: Upstream, settings: Settings) -> None:
        super().__init__(aws, settings)
        self._late = Countdown()
        self._old: dict[Key, str | None] = {}
        self._found: dict[int, dict[str, str]] = {}

    def before(self, request: Recorded) -> Answer | None:
        if (request.service, request.operation) == ("sqs", "SetQueueAttributes"):
            asked = {"QueueUrl": request.parameters["QueueUrl"], "AttributeNames": ["All"]}
            missing = "AWS.SimpleQueueService.NonExistentQueue"
            answer = self.aws.unless(missing, "sqs", request, "get_queue_attributes", **asked)
            self._found[id(request)] = dict(answer.get("Attributes", {}))
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        found = self._found.pop(id(request), {})
        if request.service != "sqs" or not wire.is_success(answer):
            return answer
        if request.operation == "SetQueueAttributes":
            self._changed(request, found)
        if request.operation == "DeleteQueue":
            self._late.forget(_queue(request))
        return self._shown(request, answer) if request.operation == "GetQueueAttributes" else answer

    def _changed(self, request: Recorded, found: dict[str, str]) -> None:
        for name, value in request.parameters["Attributes"].items():
            if found.get(name) == value:
                continue
            key = (*_queue(request), name)
            if not self._late.is_late(key):
                self._old[key] = found.get(name)
            self._late.start(key, self.settings.pace * (2 if name == RETENTION else 1))

    def _shown(self, request: Recorded, answer: Answer) -> Answer:
        value: dict[str, Any] = wire.json_of(answer)
        asked = request.parameters.get("AttributeNames", [])
        attributes = value.get("Attributes", {})
        for key, old in self._old.items():
            name = str(key[-1])
            if key[:-1] != _queue(request) or not self._late.meets(key):
                continue
            attributes.pop(name, None)
            if old is not None and ("All" in asked or name in asked):
                attributes[name] = old
        return wire.with_json(answer, {**value, "Attributes": attributes} if attributes else value)


def _queue(request: Recorded) -> Key:
    return (wire.scope_of(request), request.parameters["QueueUrl"].rpartition("/")[2])
