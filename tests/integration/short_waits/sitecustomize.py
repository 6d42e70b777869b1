# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this at its start, in Ansible and in each of its modules: a wait for AWS's own counts is short there.

A local AWS counts at once. Every shorter pause is what it is for a user.
"""

from __future__ import annotations

import time

LONG_SECONDS = 10.0
SHORT_SECONDS = 0.1

_slept_by_a_user = time.sleep
time.sleep = lambda seconds: _slept_by_a_user(SHORT_SECONDS if seconds > LONG_SECONDS else seconds)
