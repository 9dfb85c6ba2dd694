# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run remembers from look to look: for how long things have been as they are, and whom it had on their way.

A killed run loses it. Then things only take longer: everything that matters is in the tags.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .._core.step import Step
from .view import LiveNode, View


class Memory:
    """The memory of one run. Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.taken: dict[str, LiveNode] = {}
        self._since: dict[tuple[str, str], float] = {}
        self._served: set[str] = set()
        self._yielded: set[str] = set()
        self._proven: set[str] = set()
        self._last: dict[str, LiveNode] = {}

    def seen(self, view: View, now: float, done: Iterable[LiveNode] = ()) -> View:
        """The view with what is remembered. `done`: whom the run that left a journal behind has already ended."""
        for node in done:
            self.taken.setdefault(node.instance_id, node)
        nodes = tuple(self._node(view, node, now) for node in view.nodes)
        for node in nodes:
            if not node.gone and (node.mark is not None or node.instance_id in self.taken):
                self.taken[node.instance_id] = node
            elif node.mark is not None and view.journal is not None and node.mark.run == view.journal.started:
                self.taken.setdefault(node.instance_id, replace(node, running=False))
        self._yielded |= {node.instance_id for node in nodes if node.mark and node.mark.needed}
        self._yielded -= {node.instance_id for node in nodes if node.mark and not node.mark.needed}
        self._last = {node.instance_id: node for node in nodes}
        missing = len([node for node in nodes if node.active]) < view.desired
        return replace(
            view,
            nodes=nodes,
            taken=dict(self.taken),
            yielded=frozenset(self._yielded),
            short=self._for("short", view.name, missing, now),
        )

    def wrote(self, step: Step) -> None:
        """Notes whom this run terminates."""
        if step.operation == "TerminateInstanceInAutoScalingGroup":
            node = self._last.get(step.args["InstanceId"])
            if node is not None:
                self.taken.setdefault(node.instance_id, node)

    def _node(self, view: View, node: LiveNode, now: float) -> LiveNode:
        one, serves = node.instance_id, view.serves(node)
        if serves:
            self._served.add(one)
        if node.proven:
            self._proven.add(one)
        return replace(
            node,
            quiet=self._for("quiet", one, node.empty and not view.registered(node), now),
            sick=self._for("sick", one, not serves, now),
            ending=self._for("ending", one, node.gone, now),
            watched=self._for("watched", one, True, now),
            served=one in self._served,
            proven=one in self._proven,
        )

    def _for(self, what: str, name: str, holds: bool, now: float) -> float:
        """For how many seconds it has held without a break."""
        if not holds:
            self._since.pop((what, name), None)
            return 0.0
        return now - self._since.setdefault((what, name), now)
