# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pip reaches its index from ansible-test's home as it does from this user's."""

from __future__ import annotations

import configparser
import subprocess

import pytest

from tests.gates import package_index

OF_ENVIRONMENT = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in [*OF_ENVIRONMENT, "SSL_CERT_FILE"]:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("listed", "environment", "expected"),
    [
        ("", {}, {}),
        ("global.index-url='https://example.org/simple'\n", {}, {"index-url": "https://example.org/simple"}),
        ("global.cert='/a'\n:env:.cert='/b'\n", {}, {"cert": "/b"}),
        ("install.find-links='/wheels'\nglobal.quiet='1'\n:env:.quiet='1'\n", {}, {"find-links": "/wheels"}),
        ("global.find-links='/a\\n/b'\n", {}, {"find-links": "/a\n/b"}),
        ("", {"HTTPS_PROXY": "http://proxy:1", "SSL_CERT_FILE": "/ca"}, {"proxy": "http://proxy:1", "cert": "/ca"}),
        ("global.proxy='http://own:2'\n", {"HTTPS_PROXY": "http://proxy:1"}, {"proxy": "http://own:2"}),
    ],
)
def test_settings_are_carried(tmp_path, monkeypatch, listed, environment, expected):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        subprocess, "run", lambda command, **dummy: subprocess.CompletedProcess(command, 0, stdout=listed)
    )
    target = tmp_path / "pip" / "pip.conf"
    package_index.carry_pip_settings(target)
    # As pip reads it: an option that stands twice is an error.
    read = configparser.RawConfigParser()
    read.read(target)
    assert dict(read["global"]) == {**expected, "quiet": "2"}
    assert target.stat().st_mode & 0o077 == 0
