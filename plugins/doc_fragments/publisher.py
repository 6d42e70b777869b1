# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the publisher, for every module that may deploy it; the function's name alone is a part of its own."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  purge_pools:
    description: Whether the given list is the whole truth, so that a served pool which is not in it is dropped.
    type: bool
    default: false
  role:
    description:
      - The ARN of an existing role to run with, used as it is.
      - Not given, a role is made that may read the served queues, publish into their namespaces and write its own log.
      - Where so many queues do not fit into the policy of a role, common prefixes of their names take their place.
    type: str
  role_name:
    description:
      - The name of the role that is made. By default C(<function_name>-<region>-role).
      - Roles are the same in all regions of an account, so publishers in two regions need roles of two names.
    type: str
  runtime:
    description: The Lambda runtime.
    type: str
    default: python3.13
  architecture:
    description: The processor that the function runs on.
    type: str
    choices: [arm64, x86_64]
    default: arm64
  memory_size:
    description:
      - MB of memory, 128 to 10240.
      - V(auto) follows the number of pools that are served, in steps from 128 MB (one pool) to 1769 MB, from which on a function has a whole processor.
    type: str
    default: auto
  timeout:
    description: Seconds that one invocation may take, 10 to 60, since the next one starts a minute later.
    type: int
    default: 50
  retention_in_days:
    description:
      - Days that the log is kept.
      - Not given, a new log group gets 14 days and an existing one is left as it is, since a shorter time deletes logs.
    type: int
    choices: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
  code:
    description: The source text of the function. The collection's own publisher is filled in by itself.
    type: str
"""
    FUNCTION = r"""
options:
  function_name:
    description: The name of the publisher's function.
    type: str
    default: academy-worker-queue-depth-metric
"""
