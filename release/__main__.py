# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only a checkout that lacks nothing becomes a release, and all of its files are made anew."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from . import archive, bill, ready
from .git import git

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("--site", type=Path, help="a folder with the built documentation, packed beside the collection")
    parser.add_argument("--check", action="store_true", help="only tell what is missing")
    asked = parser.parse_args()

    missing = ready.missing(ROOT)
    if missing:
        print("\n".join(["This is no release yet:", *(f"- {sentence}" for sentence in missing)]), file=sys.stderr)
        return 1
    if not asked.check:
        make(asked.site)
    return 0


def make(site: Path | None) -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    collection = archive.build_collection(ROOT, DIST)
    stem = collection.name.removesuffix(".tar.gz")
    seconds = archive.commit_seconds(ROOT)
    (DIST / f"{stem}.cdx.json").write_text(bill.of_materials(ROOT, collection, seconds), encoding="utf-8")
    if site:
        archive.pack_site(site, DIST / f"{stem}-site.tar.gz", seconds)
    archive.write_checksums(DIST)

    for path in sorted(DIST.iterdir()):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    version = stem.rsplit("-", 1)[1]
    if version not in git(ROOT, "tag", "--points-at", "HEAD").splitlines():
        print(f"This commit is not tagged yet: git tag --annotate {version} --message 'Release {version}'")


if __name__ == "__main__":
    sys.exit(main())
