# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same code and settings give the same bytes, on every machine and on every day."""

from __future__ import annotations

import io
import json
import time
import zipfile

import pytest
from ansible_collections.academy.video_scaling.plugins.module_utils.package import (
    CODE_FILE,
    HANDLER,
    SETTINGS_FILE,
    code_sha256,
    package,
    settings_of,
)
from ansible_collections.academy.video_scaling.tests.unit.examples import METRIC, given, other, pool, settings
from hypothesis import given as generated
from hypothesis import strategies as st

CODE = "def lambda_handler(event, context):\n    return {}\n"
SETTINGS = {"video": settings_of(pool())}

names = st.text("abcdefgh_", min_size=1, max_size=6)
texts = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=8)
entries = st.fixed_dictionaries({"queue_name": texts, "dimensions": st.dictionaries(texts, texts, max_size=4)})


def opened(archive):
    return zipfile.ZipFile(io.BytesIO(archive))


def test_the_hash_is_the_same_everywhere():
    assert code_sha256(package(CODE, SETTINGS)) == "3DR8a3zAHDurYPn6VDjZgwQ1oWWCGnoxbwo0gfnUdlM="


def test_the_zip_holds_code_and_settings():
    archive = opened(package(CODE, SETTINGS))
    assert archive.namelist() == [CODE_FILE, SETTINGS_FILE]
    assert archive.read(CODE_FILE).decode() == CODE
    assert json.loads(archive.read(SETTINGS_FILE)) == [
        {"name": "video", "queue_name": "academy-video-jobs", "metric": METRIC}
    ]


def test_whose_depth_is_divided_by_the_publisher_has_its_group_and_its_target():
    assert settings_of(pool(signal="published_per_instance", target_value=5)) == {
        "name": "video",
        "queue_name": "academy-video-jobs",
        "metric": {**METRIC, "per_instance_name": "VideoQueueDepthTotalPerInstance"},
        "auto_scaling_group_name": "academy-video-worker-asg",
        "target_value": 5.0,
    }


def test_nothing_in_the_zip_tells_of_the_machine(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    for entry in opened(package(CODE, SETTINGS)).infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.external_attr >> 16, entry.create_system) == (0o644, 3)
        assert (entry.extra, entry.comment) == (b"", b"")


@generated(st.dictionaries(names, entries, max_size=5), st.randoms(use_true_random=False))
def test_the_order_in_which_pools_and_dimensions_are_given_is_nothing(pools, random):
    def shuffled(mapping):
        items = list(mapping.items())
        random.shuffle(items)
        return dict(items)

    again = {name: shuffled({**entry, "dimensions": shuffled(entry["dimensions"])}) for name, entry in pools.items()}
    assert package(CODE, shuffled(again)) == package(CODE, pools)


@pytest.mark.parametrize(
    ("code", "pools"),
    [
        pytest.param(CODE + "\n", settings(), id="code"),
        pytest.param(CODE, settings(given(), other()), id="another pool"),
        pytest.param(CODE, settings(given(queue_name="academy-video-jobs-2")), id="queue"),
        pytest.param(CODE, settings(given(metric={**METRIC, "name": "Depth"})), id="metric name"),
        pytest.param(CODE, settings(given(metric={**METRIC, "dimensions": {"WorkerType": "Video"}})), id="dimensions"),
    ],
)
def test_what_matters_to_the_publisher_changes_the_zip(code, pools):
    assert package(code, pools) != package(CODE, SETTINGS)


def test_what_only_matters_to_the_policy_does_not():
    tracked = given(target_value=5, policy_name="another", estimated_instance_warmup=60, dead_letter_queue_name="dlq-2")
    assert package(CODE, settings(tracked)) == package(CODE, SETTINGS)


def test_the_handler_is_the_function_of_the_file():
    assert HANDLER.rpartition(".")[0] + ".py" == CODE_FILE
