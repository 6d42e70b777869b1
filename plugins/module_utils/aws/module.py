# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to Ansible: every module starts and ends here, so that all of them refuse and answer alike."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .. import tags
from ..failures import Failure, listed
from ..pool import NO_COOLDOWN, POOL_OPTIONS, breaches_of, label, message_of, pools_from_params
from .connection import CONNECTION_OPTIONS, CONNECTION_RULES, HAS_BOTO3, Connection

POOLS_OPTION: dict[str, Any] = {"type": "list", "elements": "dict", "required": True, "options": POOL_OPTIONS}
# Ansible repeats a module's options in its result. A thousand pools there take longer than their whole evaluation.
POOLS_REPEATED = 20
Value = TypeVar("Value")
STATE_OPTION: dict[str, Any] = {"type": "str", "choices": ["present", "absent"], "default": "present"}


class PoolModule(AnsibleModule):  # type: ignore[misc]
    """An AnsibleModule over ``pools``, whose every refusal names the pool and the option."""

    _accepted = False
    _given: Any = None

    def __init__(self, **options: Any) -> None:
        """:param options: the argument spec of what this module takes beside ``pools`` and the connection."""
        super().__init__(
            argument_spec={**CONNECTION_OPTIONS, "pools": POOLS_OPTION, **options},
            supports_check_mode=True,
            **CONNECTION_RULES,
        )
        self._accepted = True
        if not HAS_BOTO3:
            self.fail_json(msg=missing_required_lib("boto3 and botocore"))

    def _load_params(self) -> None:
        super()._load_params()
        # Ansible drops what is no dictionary from the list before it says so.
        self._given = self.params.get("pools")

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        if not self._accepted:
            # Ansible refused an option in its own words, which do not say in which pool.
            msg = refusal(self._given) or msg
        super().fail_json(msg=msg, **result)
        raise AssertionError("fail_json ends the process")

    def accepted(self, read: Callable[[], Value]) -> Value:
        """What ``read`` makes of the options; ends the module where they break a rule."""
        try:
            return read()
        except Failure as failure:
            self.fail_json(msg=str(failure))

    def run(self, work: Any, quick: bool = False) -> NoReturn:
        """End with the result of ``work(pools, connection)``, or with the one sentence that stopped it.

        :param quick: for what only reads: it ends in time, whatever hangs.
        """
        # What was imported stays until the end: looking for garbage in it costs more than a whole client.
        gc.freeze()
        pools = self.accepted(lambda: pools_from_params(self.params["pools"]))
        self.accepted(lambda: tags.from_params(self.params.get("tags")))
        connection = Connection(self.params, quick=quick)
        try:
            connection.open()
            # Whatever belongs to no step of its own.
            with connection.phase(self._name.rpartition(".")[2], len(pools)):
                result = work(pools, connection)
        except Failure as failure:
            self.fail_json(msg=str(failure), **self._measured(connection))
        except Exception as error:
            self.fail_json(
                msg=f"this is a defect of the collection, please report it: {error!r}",
                exception=traceback.format_exc(),
                **self._measured(connection),
            )
        result |= self._measured(connection)
        for warning in result.pop("warnings", ()):
            self.warn(warning)
        if len(pools) > POOLS_REPEATED:
            result["invocation"] = {"module_args": {**self.params, "pools": [pool.name for pool in pools]}}
        failed = {row["name"]: row["msg"] for row in result["pools"] if row.get("failed")}
        if failed:
            self.fail_json(msg=failure_message(failed), **result)
        self.exit_json(**result)
        raise AssertionError("exit_json ends the process")

    def _measured(self, connection: Connection) -> dict[str, Any]:
        """What a person who asks with -v wants to know of the way there."""
        return {**connection.measured()} if self._verbosity >= 1 else {}


def failure_message(failed: Mapping[str, str]) -> str:
    """One line per pool that failed; pools that failed for the same reason share one."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in failed.items():
        by_reason.setdefault(reason, []).append(name)
    lines = [f"pool{'s' if len(names) > 1 else ''} {listed(names)}: {reason}" for reason, names in by_reason.items()]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def refusal(given: Any) -> str:
    """Why the raw value of ``pools`` cannot be used, empty where it is not the reason."""
    if given is None:
        return ""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return f"pools: {given!r} is not a list; give a list of pools, also for a single one"
    breaches: list[str] = []
    usable: dict[int, Any] = {}
    for position, params in enumerate(given):
        own, typed = _typed(params, POOL_OPTIONS)
        breaches += [f"{label(params, position)}: {breach}" for breach in own]
        if not own:
            usable[position] = typed
    if usable or not given:
        breaches += breaches_of(list(usable.values()), list(usable))
    return message_of(breaches) if breaches else ""


def _typed(params: Any, options: Mapping[str, Any], prefix: str = "") -> tuple[list[str], dict[str, Any]]:
    """The breaches of one pool against the argument spec, and the pool with the spec's types and defaults."""
    if not isinstance(params, Mapping):
        where = f"{prefix.rstrip('.')}: " if prefix else ""
        return [f"{where}{params!r} is not a dictionary of options"], {}
    breaches = [_unknown(prefix, str(name), options) for name in params if name not in options]
    typed: dict[str, Any] = {}
    for name, spec in options.items():
        value = params.get(name)
        if value is None:
            typed[name] = spec.get("default")
            breaches += [f"{prefix}{name}: is required"] if spec.get("required") else []
        elif "options" in spec:
            own, typed[name] = _typed(value, spec["options"], f"{prefix}{name}.")
            breaches += own
        else:
            checked = ArgumentSpecValidator({name: spec}).validate({name: value})
            typed[name] = checked.validated_parameters[name]
            if checked.error_messages:
                breaches.append(f"{prefix}{name}: {value!r} is no {_expected(spec)}")
    return breaches, typed


def _unknown(prefix: str, name: str, options: Mapping[str, Any]) -> str:
    if "cooldown" in name.lower():
        return f"{prefix}{name}: {NO_COOLDOWN}"
    near = get_close_matches(name, options, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(options))}"
    return f"{prefix}{name}: is not an option; {hint}"


def _expected(spec: Mapping[str, Any]) -> str:
    words = {"str": "text", "int": "whole number", "float": "number", "bool": "yes or no", "dict": "dictionary"}
    return f"choice of {', '.join(spec['choices'])}" if "choices" in spec else words[spec["type"]]
