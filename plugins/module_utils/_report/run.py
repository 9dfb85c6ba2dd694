# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a stack, written by one run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import Failure, Refusal
from .._host.module import Change, Host, present
from .._money.options import PRICES, costed
from .facts import gather
from .findings import findings
from .page import page


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change of the file. Failure where it cannot be written, or `stack` is no answer of wcs_stack_info."""
    if not isinstance(params["stack"].get("stack"), Mapping):
        way_out = "Set it to what a task of wcs_stack_info registered"
        raise Failure(Refusal("use", "option", "O(stack)", "it has no key stack", way_out))
    path = Path(params["dest"]).absolute()
    more = {key: params[key] for key in ("pages", "server_version", "licence_limit", "generated")}
    costs = costed({"costs": {"stack": params["stack"]}, **{key: params.get(key) for key in PRICES}})
    facts = gather(params["stack"], params["statistics"], params["probe"], costs=costs, **more)
    before, after = _present(path), page(facts)
    return Change(
        act=(lambda: host.write(path, after)) if after != before else None,
        before=before or "",
        after=after,
        thing=str(path),
        returns={"path": str(path), "findings": findings(facts)},
    )


def _present(path: Path) -> str | None:
    """What the file says now; None where there is none. Failure where there can be none."""
    if path.is_dir():
        raise Failure(Refusal("write", "the report", str(path), "it is a folder", "Set O(dest) to a file in it"))
    if not path.parent.is_dir():
        way_out = "Create the folder first, or choose another O(dest)"
        raise Failure(Refusal("write", "the report", str(path), "its folder does not exist", way_out))
    return present(path, "the report", "Run as a user who may, or remove it")
