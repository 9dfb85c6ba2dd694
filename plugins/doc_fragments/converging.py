# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of every converging module shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Options, attributes and notes of C(wcs_ami), C(wcs_classic_elb), C(wcs_asg) and C(wcs_security_groups)."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - Whether the thing shall exist.
    type: str
    choices: [present, absent]
    default: present
  tags:
    description:
      - Tags of the thing. Left out, tags are not managed, those of this collection aside.
      - Keys that begin with C(webcallserver.aws:) or C(aws:) are reserved and refused.
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - Whether tags that are not in O(tags) are removed. Reserved tags never are.
      - Without O(tags) it does nothing.
    type: bool
    default: true
  adopt:
    description:
      - Whether a thing of that name that is not tagged C(webcallserver.aws:stack) is taken over, and tagged.
      - Without it such a thing is left alone, and the module fails and says so.
    type: bool
    default: false
  validate_only:
    description:
      - Whether to find out only if a run would be refused, by its options or by what is there.
      - Everything is decided as in check mode, and nothing is changed. C(changed) is false, C(actions) and C(plan) are empty.
      - C(done) says whether a run would have nothing to do. What is returned of the thing is what a run would return.
      - What takes long is begun only when all that comes after it was found to be possible.
    type: bool
    default: false
  wait:
    description:
      - Whether to return only when what was written is usable.
      - Waits that a later call of the same run depends on are always made.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long all waits of the run may take together, in seconds.
    type: int
attributes:
  check_mode:
    description:
      - Says exactly which write calls a run would make, in order, and makes none.
      - Subnets, security groups, images, key pairs, instance types and instances that these calls name are looked for.
    support: full
  diff_mode:
    description: Shows the managed fields before and after, also in check mode.
    support: full
  idempotent:
    description: A second run makes no write call.
    support: full
notes:
  - An option that is left out is not managed; the defaults named in the descriptions are used only when the thing is made.
  - A list that is given is complete; an empty list removes all of its kind.
  - In check mode the text C((known after apply)) stands for a value that only AWS can give; it is accepted in options, too.
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
