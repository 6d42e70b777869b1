# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for each region of each account with its pools, groups as its siblings make them, failures with a way out."""

from __future__ import annotations

import ansible.plugins.inventory
import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible.template import Templar
from ansible_collections.academy.video_scaling.plugins.inventory import worker_groups
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Unusable
from ansible_collections.academy.video_scaling.plugins.module_utils.place import Place
from ansible_collections.academy.video_scaling.plugins.module_utils.pool import POOL_OPTIONS
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.places import ACCOUNT_OPTIONS, CONNECTION
from ansible_collections.academy.video_scaling.tests.unit.examples import ROOT
from ansible_collections.academy.video_scaling.tests.unit.fake_aws import FakeAws, refusal

NAME = "academy.video_scaling.worker_groups"
GROUPS = "autoscaling.describe_auto_scaling_groups"
SEOUL, OHIO = "ap-northeast-2", "us-east-2"
IDS = {"a": "111111111111", "b": "222222222222", "c": "333333333333"}
POLICY = {"policy_name": "queue-depth", "signal": "sqs_total"}
DOCUMENTED = yaml.safe_load(worker_groups.DOCUMENTATION)


def documented_options():
    fragments = [yaml.safe_load(one.ModuleDocFragment.DOCUMENTATION) for one in (constructed, inventory_cache)]
    return {name: option for one in [*fragments, DOCUMENTED] for name, option in one["options"].items()}


def group(name="academy-video-asg", /, **tags):
    listed = [{"Key": f"video_scaling:{option}", "Value": value} for option, value in tags.items()]
    return {"AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 4, "DesiredCapacity": 1, "Tags": listed}


class World:
    """Accounts by profile: what each region of one answers. Whoever connects is written down."""

    def __init__(self):
        self.groups = {}
        self.ids = dict(IDS)
        self.connected = []
        self.asked = []

    def connect(self, options):
        profile = options.get("profile", "a")
        self.connected.append((profile, options["region"]))
        aws = FakeAws({GROUPS: lambda params: self.answer(profile, options["region"], params)})
        aws.place = Place("aws", options["region"], self.ids[profile])
        return aws

    def answer(self, profile, region, params):
        self.asked.append(params)
        return self.groups.get((profile, region), [])


@pytest.fixture
def world(monkeypatch):
    found = World()
    monkeypatch.setattr(worker_groups, "Connection", found.connect)
    return found


@pytest.fixture
def parse(tmp_path):
    """``parse(options)`` is the inventory that a file with these options makes."""
    constants.config.initialize_plugin_configuration_definitions("inventory", NAME, documented_options())
    path = tmp_path / "fleet.worker_groups.yml"

    def parse(options, cache=True):
        path.write_text(yaml.safe_dump({"plugin": NAME, "regions": [SEOUL], **options}), encoding="utf-8")
        plugin = worker_groups.InventoryModule()
        plugin._load_name, plugin._redirected_names = NAME, [NAME]
        plugin.ansible_name = NAME
        inventory = InventoryData()
        assert plugin.verify_file(str(path))
        plugin.parse(inventory, DataLoader(), str(path), cache)
        if options.get("cache"):
            plugin.update_cache_if_changed()
        return inventory

    return parse


def hosts(inventory):
    return {name: host.vars for name, host in inventory.hosts.items()}


def members(inventory):
    return {name: sorted(host.name for host in group.hosts) for name, group in inventory.groups.items() if group.hosts}


TWO = {"accounts": [{"name": "a", "profile": "a"}, {"name": "b", "profile": "b"}], "pool_defaults": POLICY}


# --- what is made -----------------------------------------------------------------------------------------------


def test_a_host_carries_all_that_the_role_needs(world, parse):
    world.groups["a", SEOUL] = [group(queue_name="video-jobs", max_receive_count="5")]
    inventory = parse({"profile": "a", "validate_certs": False, "pool_defaults": POLICY})
    variables = hosts(inventory)[SEOUL]
    assert {name: variables[name] for name in variables if not name.startswith("inventory_")} == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "video_scaling_region": SEOUL,
        "video_scaling_profile": "a",
        "video_scaling_validate_certs": False,
        "video_scaling_expected_account": IDS["a"],
        "video_scaling_pools": [
            {
                "name": "academy_video_asg",
                "queue_name": "video-jobs",
                "max_receive_count": 5,
                "auto_scaling_group_name": "academy-video-asg",
                "policy_name": "queue-depth",
                "signal": "sqs_total",
            }
        ],
        "video_scaling_account": IDS["a"],
        "video_scaling_worker_groups": [
            {
                "auto_scaling_group_name": "academy-video-asg",
                "min_size": 0,
                "max_size": 4,
                "tags": {"video_scaling:queue_name": "video-jobs", "video_scaling:max_receive_count": "5"},
            }
        ],
    }
    templar = Templar(DataLoader(), variables={"ansible_playbook_python": "/usr/bin/python3"})
    assert templar.template(variables["ansible_python_interpreter"]) == "/usr/bin/python3"


def test_each_region_of_each_account_is_a_host_where_there_are_groups(world, parse):
    world.groups["a", SEOUL] = [group("one", queue_name="one-jobs")]
    world.groups["b", OHIO] = [group("two", queue_name="two-jobs"), group("three", queue_name="three-jobs")]
    inventory = parse({**TWO, "regions": [SEOUL, OHIO]})
    assert {
        name: [pool["name"] for pool in variables["video_scaling_pools"]]
        for name, variables in hosts(inventory).items()
    } == {f"a-{SEOUL}": ["one"], f"b-{OHIO}": ["three", "two"]}
    assert members(inventory) == {"worker_groups": [f"a-{SEOUL}", f"b-{OHIO}"]}
    assert sorted(world.connected) == [("a", SEOUL), ("a", OHIO), ("b", SEOUL), ("b", OHIO)]


def test_every_variable_of_a_host_is_one_of_the_role(world, parse):
    world.groups["a", SEOUL] = [group(queue_name="video-jobs")]
    connection = {"profile": "a", "assume_role_arn": "arn:aws:iam::111111111111:role/r", "external_id": "x"}
    more = {"endpoint_url": "http://localhost:1", "aws_ca_bundle": "/ca.pem", "validate_certs": True}
    variables = hosts(parse({**connection, **more, "pool_defaults": POLICY}))[SEOUL]
    spec = yaml.safe_load((ROOT / "roles/video_scaling/meta/argument_specs.yml").read_text(encoding="utf-8"))
    known = {*spec["argument_specs"]["main"]["options"], "video_scaling_account", "video_scaling_worker_groups"}
    found = {name for name in variables if name.startswith("video_scaling_")}
    assert found <= known
    assert {f"video_scaling_{option}" for option in CONNECTION} <= found


@pytest.mark.parametrize(
    ("filters", "prefix", "asked"),
    [
        ({}, None, {"Name": "tag-key", "Values": ["video_scaling:queue_name"]}),
        ({}, "own/", {"Name": "tag-key", "Values": ["own/queue_name"]}),
        ({"tag:Role": "worker"}, None, {"Name": "tag:Role", "Values": ["worker"]}),
    ],
    ids=str,
)
def test_aws_is_asked_for_nothing_else(world, parse, filters, prefix, asked):
    parse({"filters": filters, **({"tag_prefix": prefix} if prefix else {})})
    assert world.asked == [{"Filters": [asked], "MaxRecords": 100}]


@pytest.mark.parametrize(
    ("defaults", "option", "value"),
    [
        ({"queue_name": "{{ tags.Service }}-jobs"}, "queue_name", "video-jobs"),
        ({"queue_name": "{{ auto_scaling_group_name | replace('-asg', '-q') }}"}, "queue_name", "academy-video-q"),
        ({"policy_name": "{{ account }}-{{ region }}-{{ account_id }}"}, "policy_name", f"a-{SEOUL}-{IDS['a']}"),
        ({"target_value": "{{ max_size / 2 }}"}, "target_value", 2.0),
        ({"max_receive_count": "{{ 3 if max_size > 3 else 1 }}"}, "max_receive_count", 3),
        ({"visibility_timeout": "{{ none }}"}, "visibility_timeout", ...),
        ({"visibility_timeout": "{{ omit }}"}, "visibility_timeout", ...),
        (
            {"metric": {"name": "M", "namespace": "N", "dimensions": {"S": "{{ tags.Service }}"}}},
            "metric",
            {"name": "M", "namespace": "N", "dimensions": {"S": "video"}},
        ),
    ],
    ids=str,
)
def test_templates_know_the_group_and_where_it_is(world, parse, defaults, option, value):
    tagged = group()
    tagged["Tags"] = [{"Key": "Service", "Value": "video"}]
    world.groups["a", SEOUL] = [tagged]
    inventory = parse(
        {**TWO, "filters": {"tag-key": "Service"}, "pool_defaults": {**POLICY, "queue_name": "q", **defaults}}
    )
    (pool,) = hosts(inventory)[f"a-{SEOUL}"]["video_scaling_pools"]
    assert pool.get(option, ...) == value


def test_a_tag_is_never_a_template(world, parse):
    evil = "{{ lookup('ansible.builtin.pipe', 'touch /nonexistent/x') }}"
    tagged = group(queue_name="video-jobs")
    tagged["Tags"].append({"Key": "Note", "Value": evil})
    world.groups["a", SEOUL] = [tagged]
    variables = hosts(parse({"pool_defaults": {**POLICY, "policy_name": "{{ tags.Note }}"}}))[SEOUL]
    (pool,) = Templar(DataLoader(), variables=variables).template(variables["video_scaling_pools"])
    assert pool["policy_name"] == evil


def test_compose_and_groups_are_those_of_its_siblings(world, parse):
    world.groups["a", SEOUL] = [group(queue_name="video-jobs")]
    world.groups["b", SEOUL] = [group(queue_name="video-jobs"), group("audio", queue_name="audio-jobs")]
    inventory = parse(
        {
            **TWO,
            "compose": {"video_scaling_memory_size": "256 if video_scaling_account == 'b' else 128"},
            "groups": {"several": "video_scaling_pools | length > 1", "roomy": "video_scaling_memory_size > 200"},
            "keyed_groups": [
                {"key": "video_scaling_region", "prefix": "region"},
                {"key": "video_scaling_worker_groups | map(attribute='auto_scaling_group_name')", "prefix": "has"},
            ],
        }
    )
    assert [variables["video_scaling_memory_size"] for variables in hosts(inventory).values()] == [128, 256]
    both = [f"a-{SEOUL}", f"b-{SEOUL}"]
    assert members(inventory) == {
        "worker_groups": both,
        "several": both[1:],
        "roomy": both[1:],
        "region_ap_northeast_2": both,
        "has_academy_video_asg": both,
        "has_audio": both[1:],
    }


@pytest.mark.parametrize("strict", [True, False])
def test_strict_makes_a_wrong_expression_fail(world, parse, strict):
    world.groups["a", SEOUL] = [group(queue_name="video-jobs")]
    options = {"pool_defaults": POLICY, "compose": {"x": "nowhere.to_be_found"}, "strict": strict}
    if strict:
        with pytest.raises(AnsibleError, match=SEOUL):
            parse(options)
    else:
        assert "x" not in hosts(parse(options))[SEOUL]


@pytest.mark.parametrize("used", [True, False])
def test_options_are_templates_and_know_extra_vars_where_asked_to(world, parse, monkeypatch, used):
    monkeypatch.setattr("ansible.plugins.inventory.load_extra_vars", lambda loader: {"where": OHIO})
    options = {"regions": ["{{ where | default('" + SEOUL + "') }}"], "use_extra_vars": used}
    parse(options)
    assert world.connected == [("a", OHIO if used else SEOUL)]


# --- what fails -------------------------------------------------------------------------------------------------

UNTAGGED = [group()]
WRONG = [
    ({"pool_defaults": POLICY}, UNTAGGED, ["group academy-video-asg", "queue_name: is required", "tag video_scaling:"]),
    (
        {"pool_defaults": {**POLICY, "queue_name": "{{ tags.Service }}"}},
        UNTAGGED,
        ["group academy-video-asg", "pool_defaults.queue_name", "Service", "the tag video_scaling:queue_name"],
    ),
    ({}, refusal("AccessDenied", "no"), ["AccessDenied: no"]),
    ({}, Unusable("AWS credentials have expired"), ["have expired"]),
]


@pytest.mark.parametrize(("options", "answer", "words"), WRONG, ids=["pool", "template", "denied", "expired"])
@pytest.mark.parametrize("skip", [True, False])
def test_a_failure_names_account_region_and_way_out(world, parse, monkeypatch, options, answer, words, skip):
    world.groups["a", SEOUL] = answer
    world.groups["b", SEOUL] = [group(queue_name="video-jobs", policy_name="p", signal="sqs_total")]
    warned = []
    monkeypatch.setattr(ansible.plugins.inventory.display, "warning", warned.append)
    options = {**TWO, "pool_defaults": {}, **options, "skip_failed": skip}
    if skip:
        assert list(hosts(parse(options))) == [f"b-{SEOUL}"]
        (message,) = warned
    else:
        with pytest.raises(AnsibleParserError) as failed:
            parse(options)
        message = str(failed.value)
        assert "fleet.worker_groups.yml" in message
        assert "skip_failed" in message
    assert all(word in message for word in [f"account a, region {SEOUL}", *words]), message


def test_all_that_fails_is_reported_at_once(world, parse):
    world.groups = {("a", SEOUL): refusal("One"), ("b", SEOUL): refusal("Two")}
    with pytest.raises(AnsibleParserError) as failed:
        parse(TWO)
    assert all(word in str(failed.value) for word in ["2 problems", "account a", "One", "account b", "Two"])


def test_two_names_of_one_account_are_refused(world, parse):
    world.ids["b"] = IDS["a"]
    world.groups = {(name, SEOUL): [group(queue_name="video-jobs")] for name in "ab"}
    with pytest.raises(AnsibleParserError, match=rf"account b, .*{IDS['a']}, as account a, .* list each account once"):
        parse(TWO)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"regions": []}, ["regions: there is none"]),
        ({"tag_prefix": ""}, ["tag_prefix: is empty"]),
        ({"pool_defaults": {"auto_scaling_group_name": "x"}}, ["pool_defaults.auto_scaling_group_name"]),
        ({"filters": {"Role": "x"}}, ["filters: Role"]),
        ({"accounts": [{"name": "a", "regoins": [SEOUL]}]}, ["regoins"]),
        ({"profile": "{{ nowhere }}"}, ["profile: ", "nowhere"]),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_before_aws_is_asked(world, parse, options, words):
    with pytest.raises(AnsibleParserError) as failed:
        parse(options)
    assert all(word in str(failed.value) for word in words), failed.value
    assert world.connected == []


def test_without_boto3_it_says_what_to_install(world, parse, monkeypatch):
    monkeypatch.setattr(worker_groups, "HAS_BOTO3", False)
    with pytest.raises(AnsibleParserError, match="boto3"):
        parse({})


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("worker_groups.yml", True),
        ("prod.worker_groups.yaml", True),
        ("worker_groups.json", False),
        ("aws_ec2.yml", False),
    ],
)
def test_a_file_is_known_by_its_name(tmp_path, name, ours):
    path = tmp_path / name
    assert not worker_groups.InventoryModule().verify_file(str(path))
    path.touch()
    assert worker_groups.InventoryModule().verify_file(str(path)) is ours


# --- the cache --------------------------------------------------------------------------------------------------


@pytest.fixture
def cached(tmp_path):
    return {**TWO, "cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}


def test_what_is_cached_is_not_asked_again(world, parse, cached):
    world.groups = {(name, SEOUL): [group(queue_name="video-jobs", target_value="2")] for name in "ab"}
    before = hosts(parse(cached))
    assert len(world.connected) == 2
    again = hosts(parse(cached))
    assert again == before
    assert len(world.connected) == 2
    # A changed default is no new question to AWS, another region is.
    changed = hosts(parse({**cached, "pool_defaults": {**POLICY, "max_receive_count": 7}}))
    assert changed[f"a-{SEOUL}"]["video_scaling_pools"][0]["max_receive_count"] == 7
    assert len(world.connected) == 2
    parse({**cached, "regions": [SEOUL, OHIO]})
    assert sorted(world.connected[2:]) == [("a", OHIO), ("b", OHIO)]


def test_a_refresh_reads_again_and_keeps_what_it_read(world, parse, cached):
    world.groups["a", SEOUL] = [group(queue_name="old-jobs")]
    parse(cached)
    world.groups["a", SEOUL] = [group(queue_name="new-jobs")]
    for cache in (False, True):
        variables = hosts(parse(cached, cache))[f"a-{SEOUL}"]
        assert variables["video_scaling_pools"][0]["queue_name"] == "new-jobs"
    assert len(world.connected) == 4


def test_what_failed_is_asked_again(world, parse, cached):
    world.groups = {("a", SEOUL): refusal("Throttling"), ("b", SEOUL): [group(queue_name="video-jobs")]}
    assert list(hosts(parse({**cached, "skip_failed": True}))) == [f"b-{SEOUL}"]
    world.groups["a", SEOUL] = [group(queue_name="video-jobs")]
    assert list(hosts(parse({**cached, "skip_failed": True}))) == [f"a-{SEOUL}", f"b-{SEOUL}"]
    assert sorted(world.connected) == [("a", SEOUL), ("a", SEOUL), ("b", SEOUL)]


# --- what is documented -----------------------------------------------------------------------------------------


def test_every_option_of_an_account_is_documented():
    documented = DOCUMENTED["options"]["accounts"]["suboptions"]
    assert {name: option["type"] for name, option in documented.items()} == {
        name: option["type"] for name, option in ACCOUNT_OPTIONS.items()
    }


SHOWN = list(yaml.safe_load_all(worker_groups.EXAMPLES))


@pytest.mark.parametrize("example", SHOWN, ids=["smallest", "pattern", "accounts"])
def test_the_examples_work(world, parse, tmp_path, example):
    tagged = group(queue_name="video-jobs")
    tagged["Tags"].append({"Key": "Service", "Value": "video"})
    world.groups = {(profile, region): [tagged] for profile in "abc" for region in (SEOUL, "us-east-1", "eu-west-1")}
    profiles = iter("abc")
    given = (
        {**example, "profile": next(profiles)}
        if "accounts" not in example
        else {**example, "accounts": [{**account, "profile": next(profiles)} for account in example["accounts"]]}
    )
    if "cache" in given:
        # By its full name it is only found where Ansible itself loads the collections.
        given |= {"cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    found = hosts(parse(given))
    assert len(found) == {1: 1, 2: 2, 3: 3}[SHOWN.index(example) + 1]
    for variables in found.values():
        for pool in variables["video_scaling_pools"]:
            assert set(pool) <= set(POOL_OPTIONS)
