# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bill of materials, in CycloneDX: the collection, what it bundles, and what it expects to find where it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot7
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .archive import sha256

_PAGES = {
    "repository": ExternalReferenceType.VCS,
    "documentation": ExternalReferenceType.DOCUMENTATION,
    "homepage": ExternalReferenceType.WEBSITE,
    "issues": ExternalReferenceType.ISSUE_TRACKER,
}


def of_materials(root: Path, collection: Path, seconds: int) -> str:
    """Write it for a built collection; the same commit has the same bill."""
    stated = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))
    ranges = dict(expected(root))
    itself = _collection(stated, collection)
    components = [_uplot(root / "files" / "report" / "uplot"), *(_expected(name) for name in ranges)]
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"{itself.bom_ref.value}#{sha256(collection)}"),
        metadata=BomMetaData(component=itself, timestamp=datetime.fromtimestamp(seconds, UTC)),
        components=components,
    )
    bom.register_dependency(itself, components)
    document = json.loads(JsonV1Dot7(bom).output_as_string())
    # cyclonedx-python-lib knows all of CycloneDX 1.7 but the range of versions.
    for component in document["components"]:
        if component["name"] in ranges:
            component["versionRange"] = _vers(ranges[component["name"]])
    return json.dumps(document, indent=2) + "\n"


def expected(root: Path) -> Iterator[tuple[str, SpecifierSet]]:
    """What the collection needs where it runs, with the supported versions."""
    runtime = yaml.safe_load((root / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    yield "ansible-core", SpecifierSet(runtime["requires_ansible"])
    for line in (root / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            yield requirement.name, requirement.specifier


def _collection(stated: Mapping[str, Any], archive: Path) -> Component:
    return Component(
        bom_ref=f"{stated['namespace']}.{stated['name']}@{stated['version']}",
        type=ComponentType.LIBRARY,
        group=stated["namespace"],
        name=stated["name"],
        version=str(stated["version"]),
        description=stated["description"],
        licenses=[DisjunctiveLicense(id=licence) for licence in stated["license"]],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(archive))],
        external_references=[
            ExternalReference(type=kind, url=XsUri(stated[page])) for page, kind in _PAGES.items() if stated.get(page)
        ],
    )


def _uplot(folder: Path) -> Component:
    """What draws the charts of the HTML report: the one thing of others that the archive holds."""
    found = re.match(r"# uPlot (\S+)\n", (folder / "README.md").read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{folder / 'README.md'} does not open with the version of uPlot")
    purl = PackageURL("npm", name="uplot", version=found[1])
    return Component(
        bom_ref=purl.to_string(),
        name="uplot",
        version=found[1],
        purl=purl,
        licenses=[DisjunctiveLicense(id="MIT")],
    )


def _expected(name: str) -> Component:
    purl = PackageURL("pypi", name=name)
    return Component(bom_ref=purl.to_string(), name=name, purl=purl, is_external=True)


def _vers(supported: SpecifierSet) -> str:
    return "vers:pypi/" + "|".join(str(one) for one in sorted(supported, key=lambda one: Version(one.version)))
