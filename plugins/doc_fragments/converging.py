# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of every converging module shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Options, attributes and notes of all modules that bring a thing to what is wanted, but for those that only read."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - Whether it shall exist.
    type: str
    choices: [present, absent]
    default: present
  tags:
    description:
      - The tags. Left out, tags are not managed, except those of this collection.
      - Keys that begin with C(webcallserver.aws:) or C(aws:) are reserved and refused.
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - Whether tags that are not in O(tags) are removed. Reserved tags never are.
      - Without O(tags) it does nothing.
    type: bool
    default: true
  validate_only:
    description:
      - Whether to find out only if a run would be refused, because of its options or of what exists.
      - Everything is decided as in check mode, and nothing is changed. C(changed) is false, C(actions) and C(plan) are empty.
      - C(done) says whether a run would have nothing to do. The other return values are those of a run.
      - So a playbook can check all its steps before it begins one that takes long.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until what was written is usable.
      - What a later call of the same run depends on is always waited for.
    type: bool
    default: true
  wait_timeout:
    description:
      - The timeout of all waits of the run together, in seconds.
    type: int
attributes:
  check_mode:
    description:
      - Returns exactly the write calls that a run would make, in order, and makes none.
      - Subnets, security groups, images, key pairs, instance types and instances in these calls are looked up.
    support: full
  diff_mode:
    description: Shows the managed fields before and after, also in check mode.
    support: full
  idempotent:
    description: A second run makes no write call.
    support: full
notes:
  - An option that is left out is not managed; the defaults in the descriptions are used only at creation.
  - A list is complete; an empty list removes all of its kind.
  - In check mode the text C((known after apply)) stands for a value that AWS will assign; options accept it, too.
"""

    ADOPT = r"""
options:
  adopt:
    description:
      - Whether to take over, and tag, an existing one of that name that is not tagged C(webcallserver.aws:stack).
      - Without it that one is left alone, and the module fails with a message that says so.
    type: bool
    default: false
"""

    READING = r"""
attributes:
  check_mode:
    description: Changes nothing, so check mode is the same.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
"""
