# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same as for the publisher alone, which is one of the steps of this module."""

from __future__ import annotations

from ansible_collections.academy.video_scaling.plugins.action.queue_depth_lambda import SOURCE, ActionModule

__all__ = ["SOURCE", "ActionModule"]
