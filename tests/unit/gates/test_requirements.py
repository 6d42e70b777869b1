# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gates install is what the collection says that it supports."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from tests.gates.shipped import ROOT

OLDEST = {"python_version": "3.11"}
NEWER = [{"python_version": "3.12"}, {"python_version": "3.13"}]


def versions(path, environment=None):
    """The version of each name that a file of requirements gives, where its marker holds."""
    lines = [line for line in (ROOT / path).read_text().splitlines() if line and not line.startswith("#")]
    found = [Requirement(line) for line in lines]
    return {
        one.name: next(iter(one.specifier)).version
        for one in found
        if environment is None or one.marker is None or one.marker.evaluate(environment)
    }


def test_the_oldest_python_has_the_oldest_boto3():
    oldest = versions("requirements.txt")
    assert set(oldest) == {"boto3", "botocore"}
    assert oldest.items() <= versions("tests/unit/requirements.txt", OLDEST).items()


@pytest.mark.parametrize("environment", NEWER)
def test_newer_pythons_have_what_development_has(environment):
    assert versions("tests/unit/requirements.txt", environment).items() <= versions("requirements/dev.txt").items()
