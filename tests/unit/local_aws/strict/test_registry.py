# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every behaviour has its name, its rule and its source, and can be switched on alone."""

from __future__ import annotations

import re
import sys

import pytest

from local_aws import strict
from local_aws.strict import registry
from local_aws.strict.behaviour import Behaviour

from .sent import OK, made, request

KINDS = sorted(strict.BEHAVIOURS.items())


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_behaviour_says_what_it_does_and_names_its_sources(name, kind):
    module = sys.modules[kind.__module__]
    assert name == module.NAME == module.__name__.rpartition(".")[2]
    assert re.fullmatch(r"[^.]+\.", module.__doc__), "one sentence says what it does"
    assert module.SOURCE and all(
        re.match(r"(documented|observed|observed by others|assumed): ", source) for source in module.SOURCE
    )
    assert any(not source.startswith("assumed") for source in module.SOURCE)


def test_all_are_on_but_what_some_organisations_require():
    assert set(strict.BEHAVIOURS) - set(strict.USUAL) == {"tags_required"}


@pytest.mark.parametrize("name", strict.BEHAVIOURS)
def test_one_can_be_switched_on_alone(name):
    over = strict.layer("http://127.0.0.1:1", [name])
    assert over.before(request("sts:GetCallerIdentity")) is None
    assert over.after(request("sts:GetCallerIdentity"), OK) is OK


def test_a_name_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="There is no behaviour function_state; there are tags_required, "):
        strict.layer("http://127.0.0.1:1", ["function_state"])


class Answering(Behaviour):
    def before(self, sent):
        return 200, {}, "mine"

    def after(self, sent, came):
        return (came[0], came[1], came[2] + "+")


class Raising(Behaviour):
    def before(self, sent):
        raise KeyError("Role")

    after = before


def test_the_first_that_answers_does_and_all_see_the_emulators_answer():
    sent = request("sqs:ListQueues")
    layer = registry.Layer([made(Behaviour), made(Answering), made(Raising)])
    assert layer.before(sent) == (200, {}, "mine")
    assert registry.Layer([made(Answering), made(Answering)]).after(sent, (200, {}, "theirs")) == (200, {}, "theirs++")


def test_a_mistake_of_a_behaviour_is_shown_and_is_not_repeated(capsys):
    layer = registry.Layer([made(Raising)])
    status, _headers, body = layer.before(request("sqs:ListQueues"))
    assert (status, "sqs:ListQueues" in body, "KeyError: 'Role'" in body) == (501, True, True)
    assert "KeyError: 'Role'" in capsys.readouterr().err
    assert registry.Layer([made(Behaviour), made(Answering)]).before(request("sqs:ListQueues")) is not None
