# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests and answers as the recorder hands them to a behaviour, and an emulator that answers from a table."""

from __future__ import annotations

import json
from types import SimpleNamespace

import botocore.session
from botocore.exceptions import ClientError

from local_aws.recorder import Recorded
from local_aws.strict.behaviour import Settings, Upstream

ACCOUNT, REGION = "123456789012", "ap-northeast-2"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
OK = (200, {}, "{}")
XML = {"Content-Type": "application/xml"}


def request(name, path="/", account=ACCOUNT, region=REGION, **parameters):
    service, operation = name.split(":")
    return Recorded(
        service=service,
        operation=operation,
        method="POST",
        path=path,
        body=b"",
        parameters=parameters,
        mutating=True,
        access_key=account,
        region=region,
    )


def of_function(operation, rest="", **parameters):
    """A request about the function f."""
    return request(f"lambda:{operation}", f"/2015-03-31/functions/f{rest}", **parameters)


def answer(value):
    return 200, {"Content-Type": "application/json"}, json.dumps(value)


def value_of(found):
    return json.loads(found[2])


def code_of(found):
    """The status and the error code of an answer in the emulator's place, None where there is none."""
    if found is None:
        return None
    status, headers, body = found
    if body.startswith("<"):
        return status, body.partition("<Code>")[2].partition("</Code>")[0]
    return status, headers.get("x-amzn-ErrorType") or json.loads(body)["__type"]


class Missing(ClientError):
    """What the emulator says of what is not there."""

    def __init__(self, code):
        super().__init__({"Error": {"Code": code}}, "Read")


class Emulator(Upstream):
    """Answers from a table by service:operation: a value, what makes one of the parameters, or an error to raise."""

    def __init__(self, **answers):
        super().__init__("http://127.0.0.1:1")
        self.answers = {name.replace("__", ":"): found for name, found in answers.items()}
        self.calls = []

    def client(self, service, request):
        return Client(self, service)

    def called(self, name):
        return [params for called, params in self.calls if called == name]


class Client:
    exceptions = SimpleNamespace(ClientError=ClientError, ResourceNotFoundException=Missing)

    def __init__(self, emulator, service):
        self.emulator, self.service = emulator, service
        self.meta = SimpleNamespace(service_model=botocore.session.Session().get_service_model(service))

    def __getattr__(self, operation):
        def call(**params):
            name = f"{self.service}:{operation}"
            self.emulator.calls.append((name, params))
            found = self.emulator.answers.get(name, {})
            if isinstance(found, Exception):
                raise found
            return found(**params) if callable(found) else found

        return call

    def get_paginator(self, operation):
        # As botocore's, it asks when its pages are gone through.
        return SimpleNamespace(paginate=lambda **params: (getattr(self, operation)(**one) for one in [params]))


def made(kind, aws=None, **settings):
    """A behaviour over that emulator."""
    return kind(aws or Emulator(), Settings(**settings))


def passed(behaviour, sent, came=OK):
    """What a client gets: the behaviour's own answer, or what it makes of the emulator's."""
    return behaviour.before(sent) or behaviour.after(sent, came)
