# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A figure without the machine and the versions it was measured on says nothing; neither says where they lie."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from local_aws.emulator import executable_of

from .subjects import PEERS

ASK_SECONDS = 30.0
PACKAGES = ("ansible-core", "ansible", "boto3", "botocore", "mitogen", "ministack")
ASK = """
import importlib.metadata, json, platform, sys
found = {"Python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def machine() -> dict[str, Any]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gigabytes": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.machine())


def versions() -> dict[str, dict[str, str]]:
    """What stands in each environment, by what it is there for."""
    pythons = {
        "ours": Path(sys.executable),
        "peers": PEERS / "python",
        "emulator": executable_of("ministack").with_name("python"),
    }
    found = {name: packages(python) for name, python in pythons.items() if python.is_file()}
    if "peers" in found:
        found["peers"] |= collections()
    return found


def packages(python: Path) -> dict[str, str]:
    asked = subprocess.run(
        [str(python), "-I", "-c", ASK, *PACKAGES],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ASK_SECONDS,
        check=True,
    )
    return dict(json.loads(asked.stdout))


def collections() -> dict[str, str]:
    manifests = PEERS.parent.glob("lib/python3*/site-packages/ansible_collections/*/aws/MANIFEST.json")
    infos = [json.loads(path.read_text(encoding="utf-8"))["collection_info"] for path in sorted(manifests)]
    return {f"{one['namespace']}.{one['name']}": one["version"] for one in infos}
