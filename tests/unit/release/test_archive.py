# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives hold what they are given, whoever packs it and when."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile

import pytest

from release import archive

SECONDS = 1_700_000_000


def member(name, text, **fields):
    made = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(made, field, value)
    return made, text


def built(names, **fields):
    """What ansible-galaxy packs: a manifest, the list of files that it names, and the files."""
    files = json.dumps({"files": [{"name": name} for name in names], "format": 1}).encode()
    manifest = {"file_manifest_file": {"chksum_sha256": hashlib.sha256(files).hexdigest()}, "format": 1}
    listed = [("MANIFEST.json", json.dumps(manifest).encode()), ("FILES.json", files)]
    return [member(name, text, **fields) for name, text in [*listed, *((name, name.encode()) for name in names)]]


def packed(path, members):
    archive.write(path, archive.in_order(members), SECONDS)
    return path.read_bytes()


def test_an_archive_depends_on_its_contents_alone(tmp_path):
    here = packed(tmp_path / "a.tar.gz", built(["b", "a"], mtime=5, uid=7, uname="me", pax_headers={"mtime": "5.1"}))
    there = packed(tmp_path / "b.tar.gz", built(["a", "b"], mtime=6, uid=8, uname="you"))
    assert here == there
    assert packed(tmp_path / "c.tar.gz", built(["a", "c"])) != here


def test_the_manifest_still_vouches_for_the_files(tmp_path):
    packed(tmp_path / "a.tar.gz", built(["b", "a"]))
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert tar.getnames() == ["MANIFEST.json", "FILES.json", "a", "b"]
        texts = {found.name: archive.content(tar, found) for found in tar}
    vouched = json.loads(texts["MANIFEST.json"])["file_manifest_file"]["chksum_sha256"]
    assert vouched == hashlib.sha256(texts["FILES.json"]).hexdigest()
    assert [entry["name"] for entry in json.loads(texts["FILES.json"])["files"]] == ["a", "b"]
    assert texts["a"] == b"a"


def test_folders_and_links_are_kept(tmp_path):
    folder = member("docs", b"", type=tarfile.DIRTYPE, mode=0o755)
    link = member("link", b"", type=tarfile.SYMTYPE, linkname="docs")
    archive.write(tmp_path / "a.tar.gz", [folder, link], SECONDS)
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert tar.getmember("docs").isdir()
        assert tar.getmember("link").linkname == "docs"
        assert {found.mtime for found in tar} == {SECONDS}


def test_the_site_lies_in_one_folder(tmp_path):
    site = tmp_path / "html"
    (site / "howto").mkdir(parents=True)
    (site / "index.html").write_text("<p>")
    (site / "howto" / "apply.html").write_text("<b>")
    (site / ".buildinfo").write_text("of Sphinx alone")
    archive.pack_site(site, tmp_path / "a-b-0.1.0-site.tar.gz", SECONDS)
    with tarfile.open(tmp_path / "a-b-0.1.0-site.tar.gz") as tar:
        assert {found.name: archive.content(tar, found) for found in tar} == {
            "a-b-0.1.0-site/howto/apply.html": b"<b>",
            "a-b-0.1.0-site/index.html": b"<p>",
        }


def test_a_folder_without_a_site_is_not_packed(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no index\.html: build the site first"):
        archive.pack_site(tmp_path, tmp_path / "a-b-0.1.0-site.tar.gz", SECONDS)


def test_checksums_are_of_every_other_file(tmp_path):
    (tmp_path / "b").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    expected = f"{hashlib.sha256(b'1').hexdigest()}  a\n{hashlib.sha256(b'2').hexdigest()}  b\n"
    assert archive.write_checksums(tmp_path).read_text() == expected
    # Written again, it does not list itself.
    assert archive.write_checksums(tmp_path).read_text() == expected


def test_contents_of_what_is_no_file(tmp_path):
    archive.write(tmp_path / "a.tar.gz", [member("docs", b"", type=tarfile.DIRTYPE)], SECONDS)
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "a.tar.gz").read_bytes())) as tar:
        assert archive.content(tar, tar.getmember("docs")) == b""
