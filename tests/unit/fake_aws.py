# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Aws that answers from a table: what it is asked must be what botocore would send, and nothing is threaded."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import AwsFailure, Failure, Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.plan import Plan, Reply, Request, Wait, filled
from ansible_collections.academy.video_scaling.plugins.module_utils.resources.function import DESCRIPTION
from botocore import xform_name
from botocore.validate import ParamValidator

from .examples import FUNCTION, PLACE, STAMP, settings


class FakeAws:
    """:param answers: by ``service.operation``: the reply (of ``pages`` the items), a failure to raise, or a function
        of the parameters that returns either. A reply to a sent request is empty unless it is listed.

    ``asked`` and ``sent`` keep every call in order, as ``(service.operation, params)``, ``phases`` every step with its
    pools, and ``counted`` what is reported to whoever watches.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.place = PLACE
        self.stamp = STAMP
        self.answers = dict(answers or {})
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.phases: list[tuple[str, int]] = []
        self.counted: Counter[str] = Counter()

    def open(self):
        return self.place

    def call(self, service, operation, **params):
        require_valid(service, operation, params)
        self.asked.append((f"{service}.{operation}", params))
        return self._answer(f"{service}.{operation}", params)

    def pages(self, service, operation, field, **params) -> Iterator[Any]:
        require_valid(service, operation, params)
        pagination = _session().get_paginator_model(service).get_paginator(_operation(service, operation))
        fields = pagination["result_key"]
        assert field in ([fields] if isinstance(fields, str) else fields), f"{operation} pages {fields}, not {field}"
        self.asked.append((f"{service}.{operation}", params))
        yield from self._answer(f"{service}.{operation}", params)

    def send(self, step, replies):
        params = filled(step.params, replies)
        name = step.waiter if isinstance(step, Wait) else step.operation
        self.sent.append((f"{step.service}.{name}", params))
        if isinstance(step, Wait):
            return {}
        require_valid(step.service, step.operation, params)
        return self._answer(f"{step.service}.{name}", params, {})

    def each(self, function, keys, counted=True):
        def guarded(key):
            try:
                return function(key)
            except Unusable:
                raise
            except Failure as failure:
                return failure

        return {key: guarded(key) for key in keys}

    def count(self, changed=0, failed=0):
        self.counted.update(changed=changed, failed=failed)

    @contextlib.contextmanager
    def phase(self, name, total=0):
        self.phases.append((name, total))
        yield

    def measured(self):
        sent = dict.fromkeys((name for name, _params in (*self.asked, *self.sent)), 1)
        return {
            "requests_by_operation": sent,
            "seconds_by_phase": dict.fromkeys((name for name, _total in self.phases), 0.0),
        }

    def _answer(self, name: str, params: Mapping[str, Any], default: Any = None) -> Any:
        answer = self.answers.get(name, default)
        assert answer is not None, f"{name} was asked and the test has no answer to it"
        if callable(answer):
            answer = answer(params)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Parameters:
    """A Parameter Store: versions are counted up, only the newest 100 are kept, and only ``Overwrite`` overwrites one.

    ``tags`` are those of each parameter; only a put that makes one takes any.
    """

    KEPT = 100

    def __init__(self) -> None:
        self.versions: dict[str, list[dict[str, Any]]] = {}
        self.tags: dict[str, dict[str, str]] = {}

    def answers(self) -> dict[str, Any]:
        return {
            "ssm.put_parameter": self.put,
            "ssm.get_parameters": self.get,
            "ssm.get_parameter": self.get_one,
            "ssm.describe_parameters": self.describe,
            "ssm.list_tags_for_resource": self.list_tags,
            "ssm.add_tags_to_resource": self.add_tags,
            "ssm.get_parameter_history": lambda params: (
                self.versions.get(params["Name"]) or refusal("ParameterNotFound")
            ),
        }

    def put(self, params):
        if params["Overwrite"] and params.get("Tags"):
            return refusal("ValidationException", "Invalid request: tags and overwrite can't be used together")
        kept = self.versions.setdefault(params["Name"], [])
        if kept and not params["Overwrite"]:
            return refusal("ParameterAlreadyExists")
        if kept and (kept[-1]["Tier"], params["Tier"]) == ("Advanced", "Standard"):
            return refusal("ValidationException", "You can't downgrade a parameter from the advanced-parameter tier")
        assert len(params["Value"].encode()) <= (8192 if params["Tier"] == "Advanced" else 4096)
        if not kept:
            self.tags[params["Name"]] = {tag["Key"]: tag["Value"] for tag in params.get("Tags", ())}
        kept.append({**params, "Version": kept[-1]["Version"] + 1 if kept else 1})
        del kept[: -self.KEPT]
        return {"Version": kept[-1]["Version"]}

    def get(self, params):
        assert len(params["Names"]) <= 10, "GetParameters takes at most 10 names"
        found = [self.versions[name][-1] for name in params["Names"] if self.versions.get(name)]
        return {"Parameters": found, "InvalidParameters": []}

    def describe(self, params):
        """The newest version of each parameter that is named, without its value."""
        ((key, option, names),) = [(one["Key"], one["Option"], one["Values"]) for one in params["ParameterFilters"]]
        assert (key, option) == ("Name", "Equals"), "only a filter by whole names is answered"
        newest = [self.versions[name][-1] for name in names if self.versions.get(name)]
        return [{field: one[field] for field in ("Name", "Type", "Tier", "Version")} for one in newest]

    def list_tags(self, params):
        tags = self.tags.get(params["ResourceId"])
        if tags is None:
            return refusal("InvalidResourceId")
        return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def add_tags(self, params):
        self.tags[params["ResourceId"]] |= {tag["Key"]: tag["Value"] for tag in params["Tags"]}
        return {}

    def get_one(self, params):
        kept = self.versions.get(params["Name"])
        return {"Parameter": kept[-1]} if kept else refusal("ParameterNotFound")


def publisher_serving(*pools: dict[str, Any]) -> dict[str, Any]:
    """The answers of a publisher that serves these pools, as a person writes them."""
    configuration = {
        "FunctionName": FUNCTION,
        "CodeSha256": "sha",
        "Role": "arn:role",
        "MemorySize": 128,
        "Timeout": 50,
        "Description": DESCRIPTION,
    }
    described = json.dumps({"pools": list(settings(*pools).values()) if pools else []}).encode()
    return {
        "lambda.get_function_configuration": configuration,
        "lambda.list_aliases": [{"Name": "live", "FunctionVersion": "4"}],
        "lambda.invoke": lambda params: {"Payload": io.BytesIO(described)},
    }


def refusal(code: str, message: str = "refused") -> AwsFailure:
    return AwsFailure(f"{code}: {message}", code)


def sent(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    """The plan's requests as (operation, params), every step of it checked against the service model; no waits."""
    require_sendable(plan)
    return [(step.operation, dict(step.params)) for step in plan.requests if isinstance(step, Request)]


def prepared(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    """What the plan sends before its requests, as (operation, params), checked as they are."""
    require_sendable(plan)
    return [(step.operation, dict(step.params)) for step in plan.preparation]


def operations(plan: Plan) -> list[str]:
    """The names of the plan's requests and waits in order, every step of it checked against the service model."""
    require_sendable(plan)
    return [step.waiter if isinstance(step, Wait) else step.operation for step in plan.requests]


def require_sendable(plan: Plan) -> None:
    labels: set[str] = set()
    instead = [inner for step in plan.steps for inner in getattr(step, "instead", ())]
    for step in (*plan.steps, *instead):
        for value in step.params.values():
            assert not isinstance(value, Reply) or value.label in labels, f"{step} needs a reply that is not there yet"
        params = {name: "a reply" if isinstance(value, Reply) else value for name, value in step.params.items()}
        if isinstance(step, Wait):
            require_valid(step.service, xform_name(_waiters(step.service)[step.waiter]), params)
        else:
            require_valid(step.service, step.operation, params)
            labels |= {step.label} - {""}


def require_valid(service: str, operation: str, params: Mapping[str, Any]) -> None:
    shape = _session().get_service_model(service).operation_model(_operation(service, operation)).input_shape
    report = ParamValidator().validate(params, shape)
    assert not report.has_errors(), f"{service}.{operation}: {report.generate_report()}"


def knows_period() -> bool:
    """Whether this botocore has the period of a policy's metric; those of 2024 have not."""
    shape = _session().get_service_model("autoscaling").operation_model("PutScalingPolicy").input_shape
    tracking = shape.members["TargetTrackingConfiguration"]
    return "Period" in tracking.members["CustomizedMetricSpecification"].members


def _operation(service: str, method: str) -> str:
    names = {xform_name(name): name for name in _session().get_service_model(service).operation_names}
    assert method in names, f"{service} has no {method}"
    return names[method]


@cache
def _waiters(service: str) -> dict[str, str]:
    """The operation of every waiter that the service has."""
    model = _session().get_waiter_model(service)
    return {xform_name(name): model.get_waiter(name).operation for name in model.waiter_names}


@cache
def _session() -> Any:
    session = botocore.session.Session()
    # The models are read once per test process and not once per check.
    session.get_service_model = cache(session.get_service_model)
    session.get_paginator_model = cache(session.get_paginator_model)
    return session
