# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bill of materials says what is in a collection and what it needs, in the form of CycloneDX."""

from __future__ import annotations

import hashlib
import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import bill

SECONDS = 1_700_000_000


@pytest.fixture
def tree(checkout):
    checkout.describe("1.2.3", {})
    checkout.write("meta/runtime.yml", {"requires_ansible": ">=2.19.0"})
    checkout.write("requirements.txt", "# Why.\n\nboto3>=1.34.0\nbotocore>=1.34.0,<2\n")
    checkout.write("files/report/uplot/README.md", "# uPlot 9.8.7\n\nDraws.\n")
    checkout.write("built.tar.gz", "packed")
    return checkout.root


@pytest.fixture
def written(tree):
    return bill.of_materials(tree, tree / "built.tar.gz", SECONDS)


def test_it_is_valid(written):
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(written) is None


def test_the_validator_would_tell(written):
    wrong = json.loads(written)
    wrong["components"][0]["versionRange"] = ["x"]
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(wrong))


def test_the_collection_and_its_licence(written):
    found = json.loads(written)["metadata"]
    assert found["timestamp"] == "2023-11-14T22:13:20+00:00"
    collection = found["component"]
    assert (collection["group"], collection["name"], collection["version"]) == ("academy", "video_scaling", "1.2.3")
    assert collection["licenses"] == [{"license": {"id": "GPL-3.0-or-later"}}]
    assert collection["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"packed").hexdigest()}]
    assert collection["externalReferences"] == [{"type": "vcs", "url": "https://example.org/code"}]


def test_what_is_bundled_and_what_is_expected(written):
    document = json.loads(written)
    fields = ("version", "versionRange", "purl", "isExternal")
    assert {part["name"]: tuple(part.get(key) for key in fields) for part in document["components"]} == {
        "uplot": ("9.8.7", None, "pkg:npm/uplot@9.8.7", None),
        "ansible-core": (None, "vers:pypi/>=2.19.0", "pkg:pypi/ansible-core", True),
        "boto3": (None, "vers:pypi/>=1.34.0", "pkg:pypi/boto3", True),
        "botocore": (None, "vers:pypi/>=1.34.0|<2", "pkg:pypi/botocore", True),
    }
    (needs,) = [entry["dependsOn"] for entry in document["dependencies"] if entry["ref"].startswith("academy.")]
    assert sorted(needs) == sorted(part["bom-ref"] for part in document["components"])


def test_the_same_commit_has_the_same_bill(tree, written):
    assert bill.of_materials(tree, tree / "built.tar.gz", SECONDS) == written
    (tree / "built.tar.gz").write_text("other")
    assert bill.of_materials(tree, tree / "built.tar.gz", SECONDS) != written


def test_a_bundled_version_that_is_not_stated_is_refused(tree):
    (tree / "files/report/uplot/README.md").write_text("# uPlot\n")
    with pytest.raises(ValueError, match="uPlot"):
        bill.of_materials(tree, tree / "built.tar.gz", SECONDS)
