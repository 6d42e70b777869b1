# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of what a module creates."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tags:
    description:
      - The tags of all that is created, as key and value. They are sent with each request that creates something, so
        that an organization which requires them lets it pass.
      - On what is there already, a missing tag is added and another value is replaced. Tags that are not given are left
        alone, and none is ever removed.
      - A number is sent as it is written, a boolean as V(true) or V(false); quote what is to stay as it is.
      - At most 50. A key has 1 to 128 characters, a value up to 256, of letters, digits, spaces and C(_.:/=+-@). Neither
        starts with C(aws:), and no two keys differ only in case.
      - Not given, no tags are read or sent.
    type: dict
    default: {}
"""
