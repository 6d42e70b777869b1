# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive depends on the commit alone: not on who builds it, nor when, nor in which order a disk lists its files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from .git import git, git_bytes

_GALAXY = Path(sys.executable).with_name("ansible-galaxy")

Member = tuple[tarfile.TarInfo, bytes]


def build_collection(root: Path, to: Path) -> Path:
    """Build the collection from the last commit with ansible-galaxy, into a folder that holds no other archive."""
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        unpack_commit(root, Path(scratch))
        build: list[str | Path] = [_GALAXY, "collection", "build", scratch, "--output-path", to]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    (archive,) = to.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        members = [(member, content(tar, member)) for member in tar]
    write(archive, in_order(members), commit_seconds(root))
    return archive


def unpack_commit(root: Path, to: Path) -> None:
    """What the last commit holds, and nothing that only lies around."""
    with tarfile.open(fileobj=io.BytesIO(git_bytes(root, "archive", "HEAD"))) as tar:
        tar.extractall(to, filter="data")


def in_order(members: Iterable[Member]) -> list[Member]:
    """Sort what ansible-galaxy lists as the disk does, in FILES.json too, and mend the checksum of that."""
    found = {member.name: (member, text) for member, text in members}
    listed = json.loads(found["FILES.json"][1])
    listed["files"].sort(key=lambda entry: entry["name"])
    files = json.dumps(listed, indent=1).encode()
    manifest = json.loads(found["MANIFEST.json"][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    found["FILES.json"] = (found["FILES.json"][0], files)
    found["MANIFEST.json"] = (found["MANIFEST.json"][0], json.dumps(manifest, indent=1).encode())
    first = ["MANIFEST.json", "FILES.json"]
    return [found[name] for name in [*first, *sorted(found.keys() - set(first))]]


def pack_site(site: Path, archive: Path, seconds: int) -> None:
    """Pack a folder of pages, as the one folder that the archive's name promises.

    :raises FileNotFoundError: where the folder holds no site.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} holds no index.html: build the site first (make site)")
    top = archive.name.removesuffix(".tar.gz")
    members = []
    for path in sorted(path for path in site.rglob("*") if path.is_file() and not path.name.startswith(".")):
        member = tarfile.TarInfo(f"{top}/{path.relative_to(site).as_posix()}")
        member.mode = 0o644
        members.append((member, path.read_bytes()))
    write(archive, members, seconds)


def write(archive: Path, members: Iterable[Member], seconds: int) -> None:
    with (
        archive.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=seconds) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for member, text in members:
            member.mtime = seconds
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.pax_headers = {}
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))


def write_checksums(folder: Path) -> Path:
    """Write what `sha256sum --check` reads, for every other file of a folder."""
    sums = folder / "SHA256SUMS"
    files = sorted(path for path in folder.iterdir() if path != sums)
    sums.write_text("".join(f"{sha256(path)}  {path.name}\n" for path in files), encoding="utf-8")
    return sums


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isfile() else None
    return file.read() if file else b""


def commit_seconds(root: Path) -> int:
    return int(git(root, "log", "-1", "--format=%ct"))
