# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is one region of one account, its pools are what the tags of its Auto Scaling groups say."""

from __future__ import annotations

DOCUMENTATION = r"""
name: worker_groups
short_description: Auto Scaling groups of queue workers, found by their tags in many regions and accounts
version_added: 0.1.0
author:
  - The academy.video_scaling contributors (@academy)
description:
  - Finds EC2 Auto Scaling groups by their tags and makes one host for each region of each account in which there are some.
    The host runs where Ansible runs, and carries all that the role C(academy.video_scaling.video_scaling) needs.
  - The pools of a host are built from the tags of its groups. The tag C(video_scaling:queue_name) gives the pool's option
    C(queue_name), and so on with every option of O(academy.video_scaling.video_scaling_policy#module:pools).
    O(pool_defaults) gives what the tags do not.
  - It only reads. Each region of an account takes one C(sts:GetCallerIdentity) and one C(autoscaling:DescribeAutoScalingGroups)
    for each hundred groups; C(sts:AssumeRole) where a role is assumed. Up to sixteen regions are read at once.
  - The name of the inventory file must end in C(worker_groups.yml) or C(worker_groups.yaml).
requirements:
  - python >= 3.11
  - boto3 >= 1.34.0
  - botocore >= 1.34.0
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: The name of this plugin, which makes the file an inventory of it.
    type: str
    required: true
    choices: [academy.video_scaling.worker_groups]
  regions:
    description: The regions to look in. An account may name others, O(accounts[].regions).
    type: list
    elements: str
    default: []
  accounts:
    description:
      - The accounts to look in. What one does not say holds as it is said for all of them, for example in O(profile).
      - Without it, there is the one account that the credentials lead to, and a host's name is that of its region.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the account is called. A host's name is this, C(-) and the region.
        type: str
        required: true
      account_id:
        description: The account's id, in quotes. Where it is given, credentials that lead elsewhere are refused.
        type: str
      regions:
        description: The regions to look in, instead of O(regions).
        type: list
        elements: str
      profile:
        description: A named profile of the AWS configuration files.
        type: str
      assume_role_arn:
        description: The ARN of a role to assume first.
        type: str
      external_id:
        description: The external id that this role asks for.
        type: str
      endpoint_url:
        description: Another address for every AWS service.
        type: str
  profile:
    description:
      - A named profile of the AWS configuration files.
      - Without it, the credentials come from where boto3 takes them (E(AWS_PROFILE), E(AWS_ACCESS_KEY_ID), an instance
        profile), when the inventory is read and again when a playbook runs.
    type: str
  assume_role_arn:
    description: The ARN of a role to assume first.
    type: str
  external_id:
    description: The external id that this role asks for. It shows in the inventory; AWS does not treat it as a secret.
    type: str
  endpoint_url:
    description: Another address for every AWS service, for example that of a local emulator.
    type: str
  aws_ca_bundle:
    description: The path of a CA bundle with which to check the certificates of AWS.
    type: path
  validate_certs:
    description: Whether the certificates of AWS are checked. By default they are.
    type: bool
  filters:
    description:
      - Which groups are found. The filters are those of C(DescribeAutoScalingGroups), C(tag:<key>), C(tag-key) and
        C(tag-value), so AWS looks for them and sends nothing else.
      - A group must fit all of the filters, and one of the values of each.
      - By default these are the groups that have the tag C(<tag_prefix>queue_name).
    type: dict
    default: {}
  tag_prefix:
    description:
      - What the key of a tag begins with that gives an option. All that follows is the name of the option. What is no option
        is refused.
      - The parts of C(metric) are C(metric.namespace), C(metric.name) and C(metric.dimensions.<name>).
    type: str
    default: "video_scaling:"
  pool_defaults:
    description:
      - The options of a pool that no tag of its group gives, as values or as Jinja2 templates.
      - A template knows the group as C(auto_scaling_group_name), C(tags), C(min_size) and C(max_size), and where it is as
        C(region), C(account) and C(account_id). It is only evaluated where the tags do not give the option. A template
        that gives V(none) leaves the option out.
      - Without C(name) here or in a tag, a pool is named like its group, in small letters and with C(_) for all but letters
        and digits. C(auto_scaling_group_name) is always the group's.
    type: dict
    default: {}
  skip_failed:
    description:
      - Whether a region that cannot be read, or whose groups do not make valid pools, is left out with a warning. Otherwise
        the inventory fails, and says what is wrong in which account and region.
      - What is left out is not kept in the cache, so the next run tries it again.
    type: bool
    default: false
notes:
  - Ansible goes on with other inventory sources, or with none, where one cannot be read, and a playbook then ends well
    without having done anything. Set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to V(true) to have it stop instead.
  - The credentials behind a host must be those of the account it was found in, or the role refuses to write anything
    (C(video_scaling_expected_account)).
  - Only what AWS answered is kept in the cache. A change of O(pool_defaults) therefore needs no new reading, and other
    accounts, regions, filters, or another E(AWS_PROFILE) are read anew.
  - The values of tags are never evaluated as templates.
"""

EXAMPLES = r"""
# A file whose name ends in worker_groups.yml. The smallest: every group in the region that has the tag
# video_scaling:queue_name. The policy follows the metrics of SQS itself.
plugin: academy.video_scaling.worker_groups
regions: [ap-northeast-2]
pool_defaults:
  policy_name: queue-depth
  signal: sqs_total

---
# Groups that are known by a tag of another tool, and whose queues follow a pattern.
plugin: academy.video_scaling.worker_groups
regions: [ap-northeast-2, us-east-1]
profile: production
filters:
  tag:Role: queue-worker
  tag:Environment: [production, staging]
pool_defaults:
  name: "{{ tags.Service | lower | replace('-', '_') }}"
  queue_name: "{{ tags.Service }}-jobs"
  dead_letter_queue_name: "{{ tags.Service }}-jobs-dlq"
  policy_name: "{{ tags.Service }}-queue-depth"
  metric:
    namespace: Academy/VideoProcessing
    name: QueueDepthTotal
    dimensions:
      AutoScalingGroupName: "{{ auto_scaling_group_name }}"

---
# Several accounts, each reached in its own way, and groups of hosts. Read again after ten minutes.
plugin: academy.video_scaling.worker_groups
regions: [ap-northeast-2, us-east-1]
accounts:
  - name: production
    account_id: "111111111111"
    profile: academy-production
  - name: archive
    regions: [eu-west-1]
    assume_role_arn: arn:aws:iam::222222222222:role/video-scaling
    external_id: academy
skip_failed: true
pool_defaults:
  policy_name: queue-depth
  signal: sqs_total
compose:
  video_scaling_retention_in_days: 30 if video_scaling_account == 'production' else 7
keyed_groups:
  - key: video_scaling_account
    prefix: account
  - key: video_scaling_worker_groups | map(attribute='tags.Environment', default='') | unique
    prefix: environment
groups:
  big: video_scaling_pools | length > 100
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/worker_groups
cache_timeout: 600
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError, AnsibleValueOmittedError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.template import trust_as_template
from ansible_collections.academy.video_scaling.plugins.module_utils.aws.connection import HAS_BOTO3, Connection
from ansible_collections.academy.video_scaling.plugins.module_utils.failures import Failure
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.places import CONNECTION, Target, targets
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.reading import Reading, api_filters, read_all
from ansible_collections.academy.video_scaling.plugins.plugin_utils.fleet.tagged_pools import (
    GROUP,
    breaches_of,
    pool_of,
)

INVENTORY_GROUP = "worker_groups"
SUFFIXES = ("worker_groups.yml", "worker_groups.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "academy.video_scaling.worker_groups"

    def verify_file(self, path: str) -> bool:
        if not super().verify_file(path):
            return False
        if path.endswith(SUFFIXES):
            return True
        self.display.vvv(f"{self.NAME}: skipping {path}, whose name does not end in {' or '.join(SUFFIXES)}")
        return False

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        if not HAS_BOTO3:
            raise AnsibleParserError(missing_required_lib("boto3 and botocore"))
        self._read_config_data(path)
        try:
            self._populate(path, cache)
        except Failure as failure:
            raise AnsibleParserError(f"{path}: {failure}") from None

    def _populate(self, path: str, cache: bool) -> None:
        if not self.get_option("tag_prefix"):
            raise Failure("tag_prefix: is empty, so every tag would be an option; give one, for example video_scaling:")
        if GROUP in self.get_option("pool_defaults"):
            raise Failure(f"pool_defaults.{GROUP}: is always the group that was found; remove it")
        connection = {option: self._value(option) for option in CONNECTION}
        found = targets(self._value("regions"), self._value("accounts"), connection)
        readings = self._readings(found, path, cache)
        hosts: dict[str, dict[str, Any]] = {}
        owners: dict[tuple[str, str], Target] = {}
        failures = []
        for target in found:
            try:
                reading = _usable(target, readings[target.host], owners)
                if reading["groups"]:
                    hosts[target.host] = self._host(target, reading)
            except Failure as failure:
                failures.append(f"{target}: {failure}")
        self._tell(failures)
        self.inventory.add_group(INVENTORY_GROUP)
        for host, variables in hosts.items():
            self._add(host, variables)

    def _readings(self, found: list[Target], path: str, cache: bool) -> dict[str, Reading | Failure]:
        """By host: what the cache knows, and all else from AWS."""
        filters = api_filters(self._value("filters"), f"{self.get_option('tag_prefix')}queue_name")
        keys = {target.host: target.key(filters) for target in found}
        kept, caching = self.get_cache_key(path), self.get_option("cache")
        known: dict[str, Reading] = {}
        if caching and cache:
            try:
                known = dict(self._cache[kept])
            except KeyError:
                self.display.vvv(f"{self.NAME}: nothing is cached for {path}")
        asked = [target for target in found if keys[target.host] not in known]
        new = read_all(asked, filters, Connection)
        for target in asked:
            self.display.vvv(f"{self.NAME}: {target}: {_summary(new[target.host])}")
        usable = {keys[host]: reading for host, reading in new.items() if not isinstance(reading, Failure)}
        # What nobody asks for any more goes.
        known = {key: reading for key, reading in {**known, **usable}.items() if key in keys.values()}
        if caching and usable:
            self._cache[kept] = known
        return {host: known.get(key) or new[host] for host, key in keys.items()}

    def _host(self, target: Target, reading: Reading) -> dict[str, Any]:
        prefix, defaults = self.get_option("tag_prefix"), self.get_option("pool_defaults")
        where = {"region": target.region, "account": target.account, "account_id": reading["account_id"]}

        def rendered(option: str, value: Any, group: Mapping[str, Any]) -> Any:
            try:
                return self._templated(value, {**where, **group})
            except AnsibleValueOmittedError:
                return None
            except AnsibleError as error:
                raise Failure(
                    f"group {group[GROUP]}: pool_defaults.{option}: {error}; "
                    f"correct it, or give the group the tag {prefix}{option}"
                ) from error

        groups = reading["groups"]
        pools = [pool_of(group, prefix, defaults, rendered) for group in groups]
        breaches = breaches_of(groups, pools, prefix, defaults)
        if breaches:
            raise Failure("; ".join(breaches))
        return {
            "ansible_connection": "local",
            # A template, because the interpreter of the run is not always that of the reading.
            "ansible_python_interpreter": trust_as_template("{{ ansible_playbook_python }}"),
            **target.variables,
            "video_scaling_expected_account": reading["account_id"],
            "video_scaling_pools": pools,
            "video_scaling_account": target.account or reading["account_id"],
            "video_scaling_worker_groups": groups,
        }

    def _add(self, host: str, variables: Mapping[str, Any]) -> None:
        self.inventory.add_host(host, INVENTORY_GROUP)
        for name, value in variables.items():
            self.inventory.set_variable(host, name, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict)

    def _tell(self, failures: list[str]) -> None:
        if self.get_option("skip_failed"):
            for failure in failures:
                self.display.warning(f"{self.NAME}: left out: {failure}")
        elif failures:
            more = f"{len(failures)} problems:\n- " if len(failures) > 1 else ""
            raise Failure(more + "\n- ".join(failures) + "\nWith skip_failed: true these regions are left out.")

    def _value(self, option: str) -> Any:
        variables = self._vars if self.get_option("use_extra_vars") else {}
        try:
            return self._templated(self.get_option(option), variables)
        except AnsibleError as error:
            raise Failure(f"{option}: {error}") from error

    def _templated(self, value: Any, variables: Mapping[str, Any]) -> Any:
        self.templar.available_variables = dict(variables)
        return self.templar.template(value)


def _usable(target: Target, reading: Reading | Failure, owners: dict[tuple[str, str], Target]) -> Reading:
    """Raises what went wrong; two hosts for one place would work against each other."""
    if isinstance(reading, Failure):
        raise reading
    owner = owners.setdefault((reading["account_id"], target.region), target)
    if owner is not target:
        raise Failure(f"leads to account {reading['account_id']}, as {owner} does; list each account once")
    return reading


def _summary(reading: Reading | Failure) -> str:
    if isinstance(reading, Failure):
        return str(reading)
    return f"{len(reading['groups'])} groups in account {reading['account_id']}"
