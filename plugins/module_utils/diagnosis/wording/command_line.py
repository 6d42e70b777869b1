# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person can type, ready to paste: names are quoted for the shell."""

from __future__ import annotations

import shlex
from typing import Any

from ...place import Place


def playbook(name: str) -> str:
    return f"ansible-playbook academy.video_scaling.{name}"


def cli(place: Place, operation: str, **options: Any) -> str:
    """:param operation: as in ``autoscaling describe-policies``.
    :param options: a list takes several values, True takes none.
    """
    parts = ["aws", *operation.split()]
    for name, value in {**options, "region": place.region}.items():
        parts.append(f"--{name.replace('_', '-')}")
        if value is not True:
            parts += [shlex.quote(str(one)) for one in (value if isinstance(value, (list, tuple)) else [value])]
    return " ".join(parts)
