#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a stack on one page."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_report
short_description: Writes what is known of a stack as one HTML page for people
version_added: 0.1.0
description:
  - Writes one file that needs nothing but itself. It has no script and loads nothing; it is made for light and dark screens,
    for phones and for paper.
  - It shows the stack as a picture with the state of each node, the sessions of each node before and after a probe, latency,
    policies and alarms, the last scaling activities with their reasons, versions, the greatest number of servers at once
    (for licences), leftovers, and first of all what of it wants attention.
  - Asks nobody; it is given what other modules answered. What they did not tell is shown as unknown, never as 0.
  - Every value is written as text. Whatever a statistics page or a tag says cannot become part of the page's markup.
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
      - What M(webcallserver.aws.wcs_stack_info) answered, as registered.
    type: dict
    required: true
  statistics:
    description:
      - What M(webcallserver.aws.wcs_stat_info) answered for the nodes of the group.
    type: dict
  probe:
    description:
      - What M(webcallserver.aws.wcs_websocket_probe) answered. An answer of check mode counts as none.
    type: dict
  pages:
    description:
      - Where the statistics pages are on the nodes, for links to them and to the demo pages. Left out, there are no links.
    type: dict
    suboptions:
      scheme:
        description: How they are asked for.
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
  server_version:
    description:
      - The version of Web Call Server on the nodes, which AWS does not know.
    type: str
  licence_limit:
    description:
      - The number of servers that the licence covers. The page tells if the stack may exceed it.
    type: int
  generated:
    description:
      - When the page was made, as it shall be shown. Left out, the page tells no time, and equal answers make equal files.
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
"""

EXAMPLES = r"""
- name: Look at the stack
  webcallserver.aws.wcs_stack_info:
    name: wcs
  register: stack

- name: Ask its nodes
  webcallserver.aws.wcs_stat_info:
    group_name: wcs
  register: statistics

- name: Write what there is
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
  description: What of the stack wants attention, as the page tells it first; empty where nothing stands out.
  returned: success
  type: list
  elements: str
  sample: ["The group wants 3 nodes, and 2 of 3 serve."]
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..module_utils._core.errors import Failure, Refusal
from ..module_utils._host.module import Change, Host, on_host
from ..module_utils._report.facts import gather
from ..module_utils._report.findings import findings
from ..module_utils._report.page import page

ARGUMENTS: dict[str, Any] = {
    "dest": {"type": "path", "required": True},
    "stack": {"type": "dict", "required": True},
    "statistics": {"type": "dict"},
    "probe": {"type": "dict"},
    "pages": {
        "type": "dict",
        "options": {
            "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
            "port": {"type": "int", "default": 8081},
            "path": {"type": "str", "default": "/?action=stat"},
        },
    },
    "server_version": {"type": "str"},
    "licence_limit": {"type": "int"},
    "generated": {"type": "str"},
}


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change of the file. Failure where it cannot be written, or `stack` is no answer of wcs_stack_info."""
    if not isinstance(params["stack"].get("stack"), Mapping):
        reason = "it has no key stack"
        raise Failure(
            Refusal("use", "the option", "stack", reason, "Give all that wcs_stack_info answered, as registered")
        )
    path = Path(params["dest"]).absolute()
    more = {key: params[key] for key in ("pages", "server_version", "licence_limit", "generated")}
    facts = gather(params["stack"], params["statistics"], params["probe"], **more)
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
        raise Failure(Refusal("write", "the report", str(path), "it is a folder", "Name a file in it as dest"))
    if not path.parent.is_dir():
        way_out = "Make the folder first, or choose another dest"
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
