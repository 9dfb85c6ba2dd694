#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: whether a stack does its job, proven by real sessions."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_verify
short_description: Verifies that a stack serves sessions on all its nodes
version_added: 0.1.0
description:
  - Reads the Auto Scaling group and the Classic Load Balancer of a stack and the statistics page of every node, opens real
    WCS sessions through the load balancer and counts them on the nodes, and reads the certificates.
  - A stack passes when as many nodes are InService as the group wants, all of them also in the load balancer; when every
    node's page answers, runs the version that the group launches now, and has a certificate that is valid long enough; and
    when new sessions reach all nodes evenly, which also proves each node's WebSocket port. With O(metrics_period), also when
    every node publishes its sessions.
  - It does not fail for a stack that does not pass; RV(sound) and RV(problems) say so. It changes nothing.
  - The address that a node announces to clients (C(ip) in its settings) cannot be read from outside, and is not checked. The
    service C(wcs-identity) writes it to the journal at each boot.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  name:
    description:
      - The stack. Its group and load balancer are found by the tag C(webcallserver.aws:stack), whatever their names.
    type: str
    required: true
  host:
    description:
      - The name or address through which sessions are opened. The default is the load balancer's DNS name.
    type: str
  port:
    description:
      - The WebSocket port there. The default is 8080, or 8443 with O(tls=true).
    type: int
  tls:
    description:
      - Whether the connection is encrypted.
    type: bool
    default: false
  timeout:
    description:
      - The timeout in seconds of one page, of opening one session, and of one certificate. From 0.1 to 300.
    type: float
    default: 10
  certificate_days:
    description:
      - For how many days the certificates must still be valid. With O(tls=true) that is the load balancer's, with
        O(stat_scheme=https) those of the nodes, whether they are verified or not.
    type: int
    default: 14
  outdated:
    description:
      - Whether nodes of another version than the group launches now are a problem (V(problem)), or only a warning (V(warn)),
        for example after a change that is not rolled out yet.
    type: str
    choices: [problem, warn]
    default: problem
  demo:
    description:
      - Whether visitors are let to the demo pages. The Two-way Streaming page of each node, and of the load balancer if it has a listener
        for it, is opened then, and its status and title are checked. A refused connection and a certificate that is not accepted
        are problems, too.
      - A page for which no connection comes about in time is named as not verified, and is no problem. It may be that a security
        group does not let this machine in.
    type: bool
    default: false
  demo_port:
    description:
      - The port of the load balancer for the demo pages. With O(demo=true) it is a problem if no listener there leads to them.
      - Left out, the load balancer need not have one.
    type: int
  metrics_period:
    description:
      - How often nodes publish their sessions to CloudWatch (role variable C(wcs_server_metrics)), in seconds. Every node in service
        must then have done so of late; one that has just begun is waited for.
      - Left out, CloudWatch is not asked.
    type: int
    choices: [10, 30, 60]
  ports:
    description:
      - The ports of the servers, for the addresses in RV(addresses).
    type: dict
    suboptions:
      http:
        description: The port of statistics and demo pages.
        type: int
        default: 8081
      https:
        description: The same, encrypted.
        type: int
        default: 8444
      ws:
        description: The port of WebSocket sessions.
        type: int
        default: 8080
      wss:
        description: The same, encrypted.
        type: int
        default: 8443
attributes:
  check_mode:
    description: Opens no session; RV(verdict) is null. A stack that does not exist yet is not an error.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes.access
  - webcallserver.aws.nodes.page
  - webcallserver.aws.nodes.sessions
  - webcallserver.aws.base_image
  - webcallserver.aws.variables
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
  - websockets >= 13
  - cryptography >= 42, for certificates
seealso:
  - module: webcallserver.aws.wcs_websocket_probe
"""

EXAMPLES = r"""
- name: Verify the stack
  webcallserver.aws.wcs_verify:
    name: wcs
  register: stack

- name: Fail if the stack does not pass
  ansible.builtin.assert:
    that: stack.sound
    fail_msg: "{{ stack.problems | join('; ') }}"

- name: Verify over TLS, hold sessions for two minutes, want certificates valid for a month
  webcallserver.aws.wcs_verify:
    name: wcs
    host: wcs.example.com
    tls: true
    hold: 120
    stat_scheme: https
    validate_certs: false
    certificate_days: 31
"""

RETURN = r"""
sound:
  description: Whether the stack passes; null if it does not exist yet in check mode.
  returned: always
  type: bool
  sample: true
problems:
  description: What does not pass, one sentence each.
  returned: always
  type: list
  elements: str
  sample: ["i-0a1b2c3d4e5f60718 is OutOfService in load balancer 'wcs'"]
summary:
  description: The result or the problems in one sentence.
  returned: always
  type: str
  sample: 40 of 40 sessions through wcs-1234567890.eu-central-1.elb.amazonaws.com:8080 were held, spread over 2 nodes (20, 20).
table:
  description: The nodes as lines of a table.
  returned: always
  type: list
  elements: str
  sample:
    - "node                 zone           group      balancer   version  sessions  gained"
    - "i-0a1b2c3d4e5f60718  eu-central-1a  InService  InService  4        20        20"
freshness:
  description:
    - How old the image and its base image are, when the certificates that were seen end, and whether a newer base image matches
      O(base_image), a sentence each.
  returned: always
  type: list
  elements: str
  sample:
    - "WCS and Java are those of image 'wcs-0a1b2c3d4e5f', made 12 days ago (2026-11-16)."
    - "Its base image ami-0a1b2c3d4e5f60718 'WCS-5.2.2150' was made 40 days ago (2026-10-19); no newer one matches its name."
newer_base_image:
  description: The ID of the newest base image that matches and is newer than the one that the group's image was made from; else null.
  returned: always
  type: str
  sample: ami-0f3e2d1c0b9a87654
verdict:
  description: How new sessions are spread, as in M(webcallserver.aws.wcs_websocket_probe); null in check mode.
  returned: always
  type: str
  sample: spread
addresses:
  description:
    - Where to connect. C(load_balancer) has C(dns_name), C(websocket_urls), and C(statistics_url) and C(demo_url) where it has
      a listener for them. C(nodes) has C(instance_id), C(availability_zone), C(address), C(statistics_url) and C(demo_url) each.
    - Null if the stack does not exist yet in check mode.
  returned: always
  type: dict
  sample:
    load_balancer:
      dns_name: wcs-1234567890.eu-central-1.elb.amazonaws.com
      websocket_urls: ["ws://wcs-1234567890.eu-central-1.elb.amazonaws.com:8080"]
      statistics_url:
      demo_url:
    nodes:
      - instance_id: i-0a1b2c3d4e5f60718
        availability_zone: eu-central-1a
        address: 203.0.113.17
        statistics_url: http://203.0.113.17:8081/?action=stat
        demo_url: http://203.0.113.17:8081/client2/examples/demo/streaming/two_way_streaming/two_way_streaming.html
causes:
  description: What explains a skew or lost sessions, as in M(webcallserver.aws.wcs_websocket_probe).
  returned: always
  type: list
  elements: dict
  sample: []
"""

from ..module_utils._core.module import reading
from ..module_utils._probe.client import MISSING
from ..module_utils._stack.verify_options import ARGUMENTS
from ..module_utils._stack.verify_run import look


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look, missing=MISSING)


if __name__ == "__main__":
    main()
