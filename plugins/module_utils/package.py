# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The publisher's zip: the same code and settings give the same bytes, on every machine and on every day."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from .pool import Pool

CODE_FILE = "lambda_function.py"
SETTINGS_FILE = "pools.json"
HANDLER = "lambda_function.lambda_handler"


def settings_of(pool: Pool) -> dict[str, Any]:
    """What the publisher needs to know of one pool."""
    if pool.metric is None or pool.per_instance_metric is None:
        raise ValueError(f"pool {pool.name} publishes no metric")
    settings: dict[str, Any] = {
        "name": pool.name,
        "queue_name": pool.queue_name,
        "metric": {
            "namespace": pool.metric.namespace,
            "name": pool.metric.name,
            "dimensions": dict(pool.metric.dimensions),
        },
    }
    if pool.divided_by_publisher:
        settings["metric"]["per_instance_name"] = pool.per_instance_metric.name
        # At capacity 0 there is nothing to divide by, and one message must read above the target.
        settings |= {"auto_scaling_group_name": pool.auto_scaling_group_name, "target_value": pool.target_value}
    return settings


def package(code: str, pools: Mapping[str, Mapping[str, Any]]) -> bytes:
    """:param code: the source text of the publisher.
    :param pools: the settings by pool name, whatever their order.
    """
    settings = json.dumps([pools[name] for name in sorted(pools)], sort_keys=True, separators=(",", ":"))
    archive = io.BytesIO()
    # Stored, not deflated: compressed bytes differ from one zlib to the next.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
        for name, text in ((CODE_FILE, code), (SETTINGS_FILE, settings)):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            writer.writestr(entry, text.encode())
    return archive.getvalue()


def code_sha256(archive: bytes) -> str:
    """The hash as Lambda tells it."""
    return base64.b64encode(hashlib.sha256(archive).digest()).decode()
