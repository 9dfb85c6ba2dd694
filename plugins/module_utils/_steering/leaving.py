# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How nodes leave a group without their sessions being cut, and how they come back.

AWS cuts sessions when it replaces or moves a node that is out of its balancer, and when it terminates one. So what
would replace or move nodes is suspended, the node is taken out of the balancer, its sessions are waited for, and only
then is it terminated in its group, or moved to standby. Coming back is one call, until the very end.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from .._core.errors import Refusal
from .._core.plain import iso, span
from .._core.steer import Decision, Halt, Watch
from .._core.step import Step
from .._group.journal import Journal, Mark
from . import calls as steps
from .view import RECIPE, LiveNode, View, counted, listed

SETTLE = 5.0
"""Seconds between a mark and its first effect: so long two runs that chose at once have to see each other's marks."""
QUIET = 10.0
"""Seconds without a session before a node counts as empty: so long a session may take to show on its page."""
RETURN = 300.0
"""Seconds for a node that is put back to pass the balancer's checks; one that does not is left to AWS."""
ENDING = 300.0
"""Seconds for a terminated node to leave the group, which is waited for, unless a lifecycle hook holds it."""

OnTimeout = Literal["fail", "return_to_service", "terminate"]


@dataclass(frozen=True)
class DrainOptions:
    """How nodes leave. `timeout`: seconds from the mark on. `floor`: so many nodes go on serving.

    Nodes marked so lower the desired capacity by their end, but not below `least`: where one would, it is put back, or
    with `top_up` AWS makes up for it as for the others.
    `only`: whom this run takes out (None: every node that is marked); others are somebody else's.
    """

    timeout: float
    on_timeout: OnTimeout = "fail"
    then: Literal["terminate", "standby"] = "terminate"
    floor: int = 1
    least: int = 1
    top_up: bool = False
    only: frozenset[str] | None = None

    def deadline(self, node: LiveNode) -> float:
        """When its time is up, in seconds since 1970."""
        return (node.mark.started if node.mark else 0.0) + self.timeout

    def arrived(self, node: LiveNode) -> bool:
        """Whether a leaving node is where it should be."""
        ours = self.only is None or node.instance_id in self.only
        return ours and self.then == "standby" and node.state == "Standby"


def restored(view: View) -> Journal | None:
    """The journal; where it got lost, as the marks on the nodes repeat it."""
    marks = [node.mark for node in view.nodes if node.mark and not node.gone]
    if view.journal is not None or not marks:
        return view.journal
    return Journal(min(one.run for one in marks), frozenset().union(*(one.suspended for one in marks)))


def begin(
    view: View,
    victims: Sequence[LiveNode],
    options: DrainOptions,
    now: float,
    journal: Journal | None = None,
    lowering: Collection[LiveNode] = (),
    surplus: bool = False,
) -> list[Step]:
    """Journal, marks and suspended processes, in this order, as far as they are missing; [] when all is prepared.

    `journal`: what it should say besides; default is what it says. `lowering`: by whose end the capacity goes down.
    `surplus`: they leave because they are too many.
    """
    missing = RECIPE - view.suspended
    journal = journal or restored(view) or Journal(now)
    journal = replace(journal, suspended=journal.suspended | missing)
    found: list[Step] = []
    if journal != view.journal:
        found.append(steps.write_journal(view, journal))
    text = Mark(now, journal.started, options.timeout, surplus=surplus, suspended=journal.suspended)
    unmarked = [node for node in victims if node.mark is None]
    for lowers in (True, False):
        if part := [node for node in unmarked if (node in lowering) is lowers]:
            found += steps.mark(part, replace(text, lowers=lowers))
    if missing:
        found.append(steps.suspend(view, missing))
    return found


@dataclass
class _Moves:
    """What is to be done for the nodes on their way, gathered over all of them."""

    steps: list[Step] = field(default_factory=list)
    waiting: list[LiveNode] = field(default_factory=list)
    until: float | None = None
    why: list[str] = field(default_factory=list)

    def wait(self, node: LiveNode, until: float | None = None, why: str = "") -> None:
        self.waiting.append(node)
        if until is not None and (self.until is None or until < self.until):
            self.until = until
        if why:
            self.why.append(why)


def go_on(view: View, options: DrainOptions, now: float) -> Decision:
    """The next moves for every node that leaves or comes back; () when there is none."""
    if not _under_way(view, options) and not view.returning:
        return _cutting(view, options, now)
    if prepared := begin(view, (), options, now):
        return prepared
    moves = _Moves()
    _put_back(view, now, moves)
    late = _take_out(view, options, now, moves)
    found: Decision = [*moves.steps, *_cutting(view, options, now)]
    if not found and (stuck := [node for node in late if node.stuck]):
        return [Halt(_stuck(view, stuck))]
    if late and options.on_timeout == "fail" and not found:
        return [Halt(_too_long(view, late, options))]
    return [*found, _progress(view, moves, options, now)] if moves.waiting else found


def _under_way(view: View, options: DrainOptions) -> list[LiveNode]:
    """The nodes on their way out that have not arrived."""
    return [node for node in view.leaving if not options.arrived(node)]


def come_back(view: View, nodes: Sequence[LiveNode], now: float, needed: bool = False) -> list[Step]:
    """Marks the nodes as coming back, and registers them at once; nothing for those that do already."""
    fresh = [node for node in nodes if not node.returning]
    journal = restored(view)
    run = journal.started if journal else now
    suspended = journal.suspended if journal else frozenset[str]()
    found = steps.mark(fresh, Mark(now, run, RETURN, back=True, needed=needed, suspended=suspended)) if fresh else []
    return found + _registering(view, [node for node in nodes if node.state == "InService"])


def _registering(view: View, nodes: Sequence[LiveNode]) -> list[Step]:
    return [
        steps.register(balancer.name, missing)
        for balancer in view.balancers
        if (missing := [node for node in nodes if balancer.name not in node.standing and node.running])
    ]


def _put_back(view: View, now: float, moves: _Moves) -> None:
    """Registers, waits for the balancers' answer, heals what was marked unhealthy meanwhile, and removes the mark."""
    done: list[LiveNode] = []
    moves.steps += _registering(view, [node for node in view.returning if node.state == "InService"])
    if standby := [node for node in view.returning if node.state == "Standby"]:
        moves.steps += steps.exit_standby(view, standby)
    for node in view.returning:
        until = (node.mark.started if node.mark else now) + RETURN
        if view.serves(node):
            if node.health != "Healthy":
                moves.steps.append(steps.heal(node))
            done.append(node)
        elif node.state == "InService" and (now >= until or not node.running):
            done.append(node)
        else:
            moves.wait(node, None, f"{node.instance_id} comes back")
    moves.steps += steps.unmark(done) if done else []


def _take_out(view: View, options: DrainOptions, now: float, moves: _Moves) -> list[LiveNode]:
    """Moves every leaving node on; gives those whose time is up and about whom nothing is done."""
    ready: list[LiveNode] = []
    late: list[LiveNode] = []
    out: list[LiveNode] = []
    mine = [node for node in _under_way(view, options) if options.only is None or node.instance_id in options.only]
    for node in mine:
        if _is_empty(view, node):
            ready.append(node)
        elif now >= options.deadline(node) and (node.stuck or node.state in ("InService", "Standby")):
            late.append(node)
        elif view.registered(node) and node.state == "InService":
            out.append(node)
        else:
            deadline = options.deadline(node)
            moves.wait(node, deadline if deadline > now else None)
    _deregister(view, out, options, now, moves)
    if options.on_timeout == "return_to_service":
        moves.steps += come_back(view, [node for node in late if node.state == "InService"], now)
        if standby := [node for node in late if node.state == "Standby"]:
            moves.steps += steps.unmark(standby)
    cut = late if options.on_timeout == "terminate" else []
    _end(view, ready, cut, options, now, moves)
    return late


def _is_empty(view: View, node: LiveNode) -> bool:
    """Whether it may end: nobody can come any more, and nobody has been there for a while."""
    if node.state not in ("InService", "Standby"):
        return False
    return not node.running or (not view.registered(node) and node.empty and node.quiet >= QUIET)


def _deregister(view: View, nodes: Sequence[LiveNode], options: DrainOptions, now: float, moves: _Moves) -> None:
    """Takes nodes out of their balancers once their marks have settled; those that are needed stay."""
    needed = max(0, options.floor - len(view.serving))
    still_serving = [node for node in view.leaving if view.serves(node)]
    losers = still_serving[len(still_serving) - needed :] if needed <= len(still_serving) else still_serving
    giving_way = [node for node in nodes if node in losers]
    moves.steps += come_back(view, giving_way, now, needed=True) if giving_way else []
    settled = []
    for node in nodes:
        if node in giving_way:
            continue
        since = node.mark.started if node.mark else now
        if now < since + SETTLE:
            moves.wait(node, since + SETTLE)
        else:
            settled.append(node)
    for balancer in view.balancers:
        if there := [node for node in settled if balancer.name in node.standing]:
            moves.steps.append(steps.deregister(balancer.name, there))


def _end(
    view: View, nodes: Sequence[LiveNode], late: Sequence[LiveNode], options: DrainOptions, now: float, moves: _Moves
) -> None:
    """Terminates the nodes, or moves them to standby; the `late` ones and dead ones are terminated in any case.

    A node on standby does not count towards the desired capacity, so it is never counted down.
    """
    moves.steps += [steps.terminate(node, False) for node in (*nodes, *late) if node.state == "Standby"]
    counting = [node for node in (*nodes, *late) if node.state == "InService"]
    made_up = [node for node in counting if node.mark and not node.mark.lowers]
    lowering = [node for node in counting if node.mark and node.mark.lowers]
    spare = max(0, view.desired - options.least)
    lowering, rest = lowering[:spare], lowering[spare:]
    if options.top_up:
        made_up, rest = made_up + rest, []
    for group, decrement in ((made_up, False), (lowering, True)):
        kept = [node for node in group if options.then == "standby" and node.running and node not in late]
        moves.steps += steps.enter_standby(view, kept, decrement)
        moves.steps += [steps.terminate(node, decrement) for node in group if node not in kept]
    moves.steps += come_back(view, rest, now, needed=True) if rest else []


def _cutting(view: View, options: DrainOptions, now: float) -> list[Step]:
    """Ends the machines of terminated nodes that still hold sessions after their time."""
    if options.on_timeout != "terminate":
        return []
    return [
        steps.cut(node)
        for node in view.nodes
        if node.state in ("Terminating", "Terminating:Proceed")
        and (options.only is None or node.instance_id in options.only)
        and node.mark is not None
        and not node.mark.back
        and now >= options.deadline(node)
        and not node.empty
    ]


def finish(view: View, options: DrainOptions) -> Decision:
    """Tidies up, removes the journal and then the marks; () when there is nothing left to remove.

    Nothing while somebody's node still leaves or comes back: who ends last tidies up.
    """
    if restored(view) is None or _under_way(view, options) or view.returning:
        return ()
    return tidy(view) or close(view)


def tidy(view: View) -> Decision:
    """Heals, resumes what we suspended, waits until the terminated are gone; () when all that is done."""
    journal = restored(view)
    found: list[Step] = [
        steps.heal(node)
        for node in view.nodes
        if node.state == "InService" and node.health != "Healthy" and view.serves(node)
    ]
    if journal and (held := journal.suspended & view.suspended):
        found.append(steps.resume(view, held))
    if found:
        return found
    ending = [
        node
        for node in view.nodes
        if node.state in ("Terminating", "Terminating:Proceed")
        and node.instance_id in view.taken
        and node.ending < ENDING
    ]
    return [Watch(f"group '{view.name}': {listed(ending)} being terminated")] if ending else []


def close(view: View) -> list[Step]:
    """Removes the journal, then the marks: by them a rerun has to know who is on standby already."""
    return [steps.remove_journal(view), *(steps.unmark(view.leaving) if view.leaving else [])]


def _progress(view: View, moves: _Moves, options: DrainOptions, now: float) -> Watch:
    leaving = [node for node in moves.waiting if node.leaving]
    parts = list(moves.why)
    if leaving:
        known = [node.sessions for node in leaving if node.sessions is not None]
        unknown = len(leaving) - len(known)
        left = counted(sum(known)) + (f" and unknown on {unknown} nodes" if unknown else "")
        deadline = min(options.deadline(node) for node in leaving)
        nodes = listed(leaving) if len(leaving) > 1 else leaving[0].instance_id
        parts.insert(0, f"{nodes}: {left} left, gives up in {span(deadline - now)} ({iso(deadline)})")
    return Watch(f"group '{view.name}': {'; '.join(parts)}", moves.until)


def _stuck(view: View, nodes: Sequence[LiveNode]) -> Refusal:
    states = ", ".join(f"{node.instance_id} is {node.state}" for node in nodes)
    way_out = "Look at the instance in AWS. Run again to go on, or with O(wcs_drain: state): in_service to call it off"
    return Refusal("drain", "group", view.name, f"{states} since before the timeout was over", way_out)


def _too_long(view: View, late: Sequence[LiveNode], options: DrainOptions) -> Refusal:
    limits = [balancer.draining for balancer in view.balancers if balancer.draining]
    cut_at = min((node.mark.started for node in late if node.mark), default=0.0) + min(limits, default=0)
    return Refusal(
        "drain",
        "group",
        view.name,
        f"{listed(late)} had sessions left when the timeout ({span(options.timeout)}) was over",
        f"They stay out of the load balancer, which closes what is left about {iso(cut_at)}. Run again:\n"
        "- with a longer O(timeout), to go on waiting\n"
        "- with O(on_timeout): terminate, to end them\n"
        "- with O(wcs_drain: state): in_service, to call it off",
    )
