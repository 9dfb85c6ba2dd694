#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a stack on one page."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_report
short_description: Writes a report of a stack as one HTML page
version_added: 0.1.0
description:
  - Writes one self-contained file without scripts, which loads nothing. It suits light and dark screens, phones and paper.
  - It begins with what needs attention. It shows a picture of the stack with the state of each node, the sessions of each
    node before and after a probe, latency, policies and alarms, the last scaling activities with their reasons, versions, the
    largest number of servers at once (for licences), costs, and orphaned resources.
  - Makes no requests; it uses the results of other modules. A missing value is shown as unknown, not as 0.
  - Every value is written as text, so a statistics page or a tag cannot change the markup of the page.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  dest:
    description:
      - The file. Its folder must exist. An absolute path is best.
    type: path
    required: true
  stack:
    description:
      - The registered result of M(webcallserver.aws.wcs_stack_info). Its C(history) is drawn if it was read.
    type: dict
    required: true
  statistics:
    description:
      - The registered result of M(webcallserver.aws.wcs_stat_info) for the nodes of the group.
    type: dict
  probe:
    description:
      - The registered result of M(webcallserver.aws.wcs_websocket_probe). That of check mode counts as none.
    type: dict
  forecast:
    description:
      - The registered result of M(webcallserver.aws.wcs_forecast), whose variants are drawn - sessions, capacity, nodes and licences.
    type: dict
  pages:
    description:
      - Where the pages of the nodes are, for the addresses that clients connect to and for links to statistics and demo pages.
        Without it there are no addresses and links.
    type: dict
    suboptions:
      scheme:
        description: The protocol.
        type: str
        choices: [http, https]
        default: http
      port:
        description: The port.
        type: int
        default: 8081
      path:
        description: The path.
        type: str
        default: /?action=stat
      ports:
        description: The ports of the nodes by protocol, for the addresses that clients connect to. Without it they are not shown.
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
      host:
        description: The name that clients know the load balancer by. The default is its DNS name.
        type: str
  server_version:
    description:
      - The version of Web Call Server on the nodes, which AWS does not know.
    type: str
  licence_limit:
    description:
      - The number of servers that the licence covers. The page says if the stack may exceed it.
    type: int
  generated:
    description:
      - The time to show. Without it the page has no time, and equal results make equal files.
    type: str
attributes:
  check_mode:
    description: Says whether the file would change, and writes nothing.
    support: full
  diff_mode:
    description: Shows the page's source before and after.
    support: full
  idempotent:
    description: Equal options make equal files.
    support: full
seealso:
  - module: webcallserver.aws.wcs_stack_info
  - module: webcallserver.aws.wcs_stat_info
  - module: webcallserver.aws.wcs_websocket_probe
extends_documentation_fragment:
  - webcallserver.aws.prices
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Look at the stack
  webcallserver.aws.wcs_stack_info:
    name: wcs
  register: stack

- name: Read its nodes
  webcallserver.aws.wcs_stat_info:
    group_name: wcs
  register: statistics

- name: Write the report
  webcallserver.aws.wcs_report:
    dest: "{{ playbook_dir }}/wcs-report.html"
    stack: "{{ stack }}"
    statistics: "{{ statistics }}"
    generated: "{{ now(utc=true).strftime('%Y-%m-%d %H:%M UTC') }}"
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /srv/www/wcs-report.html
findings:
  description: What needs attention, as the page begins with; empty if nothing does.
  returned: success
  type: list
  elements: str
  sample: ["The group wants 3 nodes, and 2 of 3 serve."]
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..module_utils._core.errors import Failure, Refusal
from ..module_utils._core.pages import PORTS
from ..module_utils._host.module import Change, Host, on_host
from ..module_utils._money.options import PRICES, costed
from ..module_utils._report.facts import gather
from ..module_utils._report.findings import findings
from ..module_utils._report.page import page

ARGUMENTS: dict[str, Any] = {
    "dest": {"type": "path", "required": True},
    "stack": {"type": "dict", "required": True},
    "statistics": {"type": "dict"},
    "probe": {"type": "dict"},
    "forecast": {"type": "dict"},
    "pages": {
        "type": "dict",
        "options": {
            "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
            "port": {"type": "int", "default": 8081},
            "path": {"type": "str", "default": "/?action=stat"},
            "ports": {
                "type": "dict",
                "options": {name: {"type": "int", "default": port} for name, port in PORTS.items()},
            },
            "host": {"type": "str"},
        },
    },
    "server_version": {"type": "str"},
    "licence_limit": {"type": "int"},
    "generated": {"type": "str"},
    **PRICES,
}


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change of the file. Failure where it cannot be written, or `stack` is no answer of wcs_stack_info."""
    if not isinstance(params["stack"].get("stack"), Mapping):
        reason = "it has no key stack"
        raise Failure(
            Refusal("use", "option", "O(stack)", reason, "Set it to what a task of wcs_stack_info registered")
        )
    path = Path(params["dest"]).absolute()
    more = {key: params[key] for key in ("pages", "server_version", "licence_limit", "generated")}
    costs = costed({"costs": {"stack": params["stack"]}, **{key: params.get(key) for key in PRICES}})
    facts = gather(params["stack"], params["statistics"], params["probe"], costs=costs, **more)
    before, after = present(path), page(facts)
    return Change(
        act=(lambda: host.write(path, after)) if after != before else None,
        before=before or "",
        after=after,
        thing=str(path),
        returns={"path": str(path), "findings": findings(facts)},
    )


def present(path: Path) -> str | None:
    """What the file says now; None where there is none. Failure where there can be none."""
    if path.is_dir():
        raise Failure(Refusal("write", "the report", str(path), "it is a folder", "Set O(dest) to a file in it"))
    if not path.parent.is_dir():
        way_out = "Create the folder first, or choose another O(dest)"
        raise Failure(Refusal("write", "the report", str(path), "its folder does not exist", way_out))
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise Failure(
            Refusal("read", "the report", str(path), reason, "Run as a user who may, or remove it")
        ) from error


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
