# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One pool is the seed pool to the letter; of many, no two share a name that AWS keeps."""

from __future__ import annotations

import yaml

from bench import fleet
from bench.commands import ROOT


def test_one_pool_is_the_one_of_the_role():
    defaults = yaml.safe_load((ROOT / "roles/video_scaling/defaults/main.yml").read_text(encoding="utf-8"))
    assert fleet.pools(1) == defaults["video_scaling_pools"]


def test_many_pools_share_no_name():
    many = fleet.pools(200)
    for name in ("name", "queue_name", "dead_letter_queue_name", "auto_scaling_group_name"):
        assert len({pool[name] for pool in many}) == 200
    for pool in many:
        assert pool["metric"]["dimensions"]["AutoScalingGroupName"] == pool["auto_scaling_group_name"]
        assert pool["target_value"] == fleet.pools(1)[0]["target_value"]


def test_making_many_leaves_the_seed_pool_as_it_is():
    before = yaml.safe_dump(fleet.pools(1))
    fleet.pools(20)
    assert yaml.safe_dump(fleet.pools(1)) == before
