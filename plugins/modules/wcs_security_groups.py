#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the security groups of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_security_groups
short_description: Manages security groups that belong together
version_added: 0.1.0
description:
  - Creates, changes and deletes several security groups, which are found by their names in one VPC. All are read in one call,
    and only what differs is written.
  - Rules may refer to other groups of the same task. All groups are created before rules refer to them.
  - New rules are added before old ones are revoked, so that access that stays allowed is not interrupted.
  - Check mode and diff show each rule on a line of its own.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  groups:
    description:
      - The groups. With O(state=absent) only their names count.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name, unique in a VPC. 1 to 255 letters, digits, spaces and C(._-:/()#,@[]+=&;{}!$*); not beginning with C(sg-).
        type: str
        required: true
      description:
        description:
          - What the group is for. Used when it is created; AWS cannot change it. The default is the name.
        type: str
      rules:
        description:
          - The inbound rules. Left out, they are not managed. The list is complete, unless O(purge_rules=false).
        type: list
        elements: dict
        suboptions: &rule
          proto:
            description: The protocol, V(tcp), V(udp), V(icmp), V(icmpv6), V(all), or its number.
            type: str
            default: tcp
          from_port:
            description: The first port; for ICMP the type. V(-1), the default for ICMP, is all.
            type: int
          to_port:
            description: The last port, by default O(groups[].rules[].from_port); for ICMP the code.
            type: int
          ports:
            description: Several single ports in place of a range, each a rule of its own.
            type: list
            elements: int
          cidrs:
            description: IPv4 or IPv6 networks, each a rule of its own.
            type: list
            elements: str
          groups:
            description:
              - Security groups, each a rule of its own. A name in O(groups), or an ID; C(account/id) in another account.
            type: list
            elements: str
          prefix_list_ids:
            description: Prefix lists, each a rule of its own.
            type: list
            elements: str
          description:
            description: What the rule is for. Left out, it is not changed.
            type: str
      egress:
        description:
          - The outbound rules, written as O(groups[].rules). Left out, they are not managed, and AWS allows all outbound
            traffic of a new group.
        type: list
        elements: dict
        suboptions: *rule
      tags:
        description: Tags of this group, besides O(tags).
        type: dict
  stack:
    description:
      - The stack that the groups belong to, their tag C(webcallserver.aws:stack).
      - The default is what precedes C(-balancer), C(-node) or C(-seed) in a group's name, else the name itself.
    type: str
  vpc_id:
    description:
      - The VPC. The default is that of the existing groups, else the default VPC.
    type: str
  purge_rules:
    description: Whether rules that are not in O(groups[].rules) and O(groups[].egress) are revoked.
    type: bool
    default: true
  state:
    description:
      - Whether the groups shall exist. V(absent) leaves groups that are not tagged C(webcallserver.aws:stack) alone, unless O(adopt) is true.
      - A group that is in use is not removed; users of it that belong to the stack are waited for.
  tags:
    description:
      - Tags of all the groups. Where neither these nor O(groups[].tags) are given, tags are not managed, except those of this collection.
      - Keys that begin with C(webcallserver.aws:) or C(aws:) are reserved and refused.
  wait_timeout:
    default: 120
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging
  - webcallserver.aws.converging.adopt
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Let clients reach the load balancer, and the load balancer the nodes
  webcallserver.aws.wcs_security_groups:
    vpc_id: vpc-0a1b2c3d4e5f60718
    groups:
      - name: wcs-balancer
        rules:
          - ports: [8080, 8443]
            cidrs: [0.0.0.0/0, "::/0"]
            description: WebSocket sessions
      - name: wcs-node
        rules:
          - proto: udp
            from_port: 31001
            to_port: 32000
            cidrs: [0.0.0.0/0]
            description: Media
          - ports: [8080, 8081]
            groups: [wcs-balancer]
    tags:
      Environment: production

- name: Remove them
  webcallserver.aws.wcs_security_groups:
    state: absent
    groups:
      - name: wcs-balancer
      - name: wcs-node
"""

RETURN = r"""
actions:
  description: The write calls made, or in check mode the ones that would be made, in order.
  returned: always
  type: list
  elements: str
  sample: ["ec2:CreateSecurityGroup", "ec2:AuthorizeSecurityGroupIngress"]
done:
  description: Whether nothing is left to write, and nothing to wait for.
  returned: with O(validate_only)
  type: bool
plan:
  description:
    - The same by resource. C(things) is a list of C(thing), C(name), C(change) (add, change, remove or replace) and
      C(calls); C(options) a list of C(option) (a path), C(before) and C(after), one for each rule.
      M(webcallserver.aws.wcs_plan) shows it.
  returned: always
  type: dict
security_groups:
  description: The groups as in the options, one rule per source; null when there is none.
  returned: always
  type: list
  elements: dict
  sample:
    - name: wcs-balancer
      group_id: sg-0a1b2c3d4e5f60718
      vpc_id: vpc-0a1b2c3d4e5f60718
      description: wcs-balancer
      rules:
        - proto: tcp
          from_port: 8080
          to_port: 8080
          cidrs: [0.0.0.0/0]
          groups: []
          prefix_list_ids: []
          description: WebSocket sessions
      egress:
        - proto: "-1"
          from_port:
          to_port:
          cidrs: [0.0.0.0/0]
          groups: []
          prefix_list_ids: []
          description:
      stack: wcs
      tags: {Environment: production}
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: ec2, operation: CreateSecurityGroup, code: VpcLimitExceeded, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._core.module import converging
from ..module_utils._parts.security_groups import manage
from ..module_utils._security_groups.options import ARGUMENTS


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage)


if __name__ == "__main__":
    main()
