# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The behaviours there are, and the layer that adds them to an emulator, all or some."""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping

from local_aws import recorder
from local_aws.recorder import Answer, Recorded, Recording
from local_aws.strict import (
    alarms_of_policies,
    blocked_runtime,
    delete_policy_removes_alarm_action,
    function_states,
    group_metrics,
    missing_group_or_policy,
    not_found_after_create,
    parameter_limit,
    parameter_versions_late,
    queue_attributes_late,
    reserved_concurrency_zero,
    role_propagation,
    tags_required,
)
from local_aws.strict.behaviour import Behaviour, Settings, Upstream

# In the order in which they see a request: first what refuses it, and what is not there has no state.
BEHAVIOURS: Mapping[str, type[Behaviour]] = {
    tags_required.NAME: tags_required.TagsRequired,
    missing_group_or_policy.NAME: missing_group_or_policy.MissingGroupOrPolicy,
    not_found_after_create.NAME: not_found_after_create.NotFoundAfterCreate,
    blocked_runtime.NAME: blocked_runtime.BlockedRuntime,
    role_propagation.NAME: role_propagation.RolePropagation,
    function_states.NAME: function_states.FunctionStates,
    reserved_concurrency_zero.NAME: reserved_concurrency_zero.ReservedConcurrencyZero,
    queue_attributes_late.NAME: queue_attributes_late.QueueAttributesLate,
    parameter_limit.NAME: parameter_limit.ParameterLimit,
    parameter_versions_late.NAME: parameter_versions_late.ParameterVersionsLate,
    group_metrics.NAME: group_metrics.GroupMetrics,
    delete_policy_removes_alarm_action.NAME: delete_policy_removes_alarm_action.DeletePolicyRemovesAlarmAction,
    alarms_of_policies.NAME: alarms_of_policies.AlarmsOfPolicies,
}
# Not every organisation requires tags.
USUAL = tuple(name for name in BEHAVIOURS if name != tags_required.NAME)

# One that botocore does not repeat.
FAILED = 501


class Layer:
    """Behaviours in front of an emulator. What they remember is of one account's life: an emptied one needs another."""

    def __init__(self, behaviours: Iterable[Behaviour]) -> None:
        self._behaviours = [(behaviour, threading.Lock()) for behaviour in behaviours]

    def before(self, request: Recorded) -> Answer | None:
        try:
            for behaviour, lock in self._behaviours:
                with lock:
                    answer = behaviour.before(request)
                if answer is not None:
                    return answer
        except Exception:
            return _failed(request)
        return None

    def after(self, request: Recorded, answer: Answer) -> Answer:
        try:
            for behaviour, lock in self._behaviours:
                with lock:
                    answer = behaviour.after(request, answer)
        except Exception:
            return _failed(request)
        return answer


def layer(url: str, names: Iterable[str] | None = None, settings: Settings | None = None) -> Layer:
    """The behaviours of these names over the emulator at `url`; by default the usual ones."""
    chosen = set(USUAL if names is None else names)
    if unknown := sorted(chosen - BEHAVIOURS.keys()):
        raise ValueError(f"There is no behaviour {', '.join(unknown)}; there are {', '.join(BEHAVIOURS)}.")
    aws = Upstream(url)
    return Layer(kind(aws, settings or Settings()) for name, kind in BEHAVIOURS.items() if name in chosen)


@contextlib.contextmanager
def recording(
    url: str, names: Iterable[str] | None = None, settings: Settings | None = None, latency: float = 0.0
) -> Iterator[Recording]:
    """A recorder with the layer in it, in front of the emulator at `url`."""
    over = layer(url, names, settings)
    with recorder.recording(url, before=over.before, after=over.after, latency=latency) as made:
        yield made


def _failed(request: Recorded) -> Answer:
    """A mistake of a behaviour goes to the client, whose test then shows it; it is not AWS's answer."""
    message = f"{request.name}: {traceback.format_exc()}"
    # A client that expects JSON or XML may not show it.
    print(message, file=sys.stderr)
    return FAILED, {"Content-Type": "text/plain"}, message
