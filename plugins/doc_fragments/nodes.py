# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of the modules that read statistics pages and open sessions shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that say which nodes are asked and how; how they are reached; where their page is; what sessions are opened."""

    DOCUMENTATION = r"""
options:
  hosts:
    description:
      - The nodes by address, as C(host), C(host:port), C([IPv6]:port) or URL. The options for scheme, port and path complete
        an entry.
      - Needs neither AWS nor a Region.
      - Link-local and metadata addresses are refused, as are URLs with a user name or password.
    type: list
    elements: str
  group_name:
    description:
      - An Auto Scaling group, whose instances are the nodes.
    type: str
  load_balancer_name:
    description:
      - A Classic Load Balancer, whose registered instances are the nodes.
    type: str
  instance_ids:
    description:
      - The nodes by instance ID.
    type: list
    elements: str
  format:
    description:
      - The format of the page. V(json) also requests it (C(&format=json)); V(auto) and V(text) request the path as it is, and
        V(auto) reads both formats.
    type: str
    choices: [auto, text, json]
    default: auto
  timeout:
    description:
      - The timeout of one host in seconds, from name look-up to the last byte. From 0.1 to 300.
    type: float
    default: 10
  max_body:
    description:
      - The longest page in bytes. Reading stops there. From 1024 to 67108864.
    type: int
    default: 1048576
  concurrency:
    description:
      - How many hosts are read at the same time. From 1 to 512.
    type: int
    default: 64
"""

    ACCESS = r"""
options:
  address:
    description:
      - Which address of an instance is used. Port 8081 is open only to the load balancer and the controller's networks, so
        choose the one by which this machine reaches the nodes.
    type: str
    choices: [public, private]
    default: public
  validate_certs:
    description:
      - Whether certificates are verified where TLS is used. Nodes that are reached by address seldom have a certificate for
        it.
    type: bool
    default: true
  username:
    description:
      - User name for the statistics page, sent as Basic authentication to the nodes only.
    type: str
  password:
    description:
      - Password for the statistics page.
    type: str
"""

    PAGE = r"""
options:
  stat_scheme:
    description:
      - The protocol of the statistics pages.
    type: str
    choices: [http, https]
    default: http
  stat_port:
    description:
      - The port of the statistics pages. The default is 8081, or 8444 with O(stat_scheme=https).
    type: int
  stat_path:
    description:
      - Path and parameters of the statistics page.
    type: str
    default: /?action=stat
"""

    ENTRANCE = r"""
options:
  port:
    description:
      - The WebSocket port. The default is 8080, or 8443 with O(tls=true). Not for O(url).
    type: int
  tls:
    description:
      - Whether the connection is encrypted. Not for O(url).
    type: bool
    default: false
"""

    SESSIONS = r"""
options:
  sessions:
    description:
      - How many sessions are opened, from 1 to 10000. The default is 20 per node, but at least 20 and at most 500.
    type: int
  rate:
    description:
      - How many sessions are opened per second, from 0.1 to 1000.
    type: float
    default: 20
  hold:
    description:
      - How long the sessions are held before the nodes are read, in seconds, from 0 to 3600. More than 50 s also prove that
        pings alone keep sessions open.
    type: float
    default: 5
  app_key:
    description:
      - The application key of the sessions.
    type: str
    default: defaultApp
"""
