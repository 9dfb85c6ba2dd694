"""The pictures of the guides as SVG, in the shapes and colours of the report, for light and dark screens and phones.

`python docs/pictures.py` writes them to docs/docsite/rst.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from plugins.module_utils._report.facts import Facts, ReportNode
from plugins.module_utils._report.markup import Markup, join, tag
from plugins.module_utils._report.picture import picture
from plugins.module_utils._report.rows import BalancerRow
from plugins.module_utils._report.style import STYLE

FOLDER = Path(__file__).parent / "docsite" / "rst"
INNER, EDGE = 358, 12
WIDTH = INNER + 2 * EDGE
LINE = 18

KEPT = (".picture ", ".fill", ".line", ".dashed", "svg ")
"""The rules of the report's style that a drawing needs."""


def style() -> str:
    """The report's colours, light and dark, and its rules for drawings."""
    colours = re.findall(r"^:root \{.*?^\}|^@media screen and \(prefers-color-scheme.*?^\}", STYLE, re.M | re.S)
    rules = [line for line in STYLE.splitlines() if line.startswith(KEPT)]
    return "\n".join(["", *colours, *rules, ".sheet { fill: var(--paper); }", ""])


def sheet(title: str, height: float, *drawn: object) -> str:
    """The file of a drawing so high: its own background, so that it is readable on any page."""
    size = {"width": WIDTH, "height": f"{height + 2 * EDGE:g}"}
    inner = tag("g", *drawn, transform=f"translate({EDGE} {EDGE})")
    content = [tag("title", title), tag("style", Markup(style())), tag("rect", **size, rx=6, class_="sheet"), inner]
    given = {"viewBox": f"0 0 {size['width']} {size['height']}", "class": "picture", "role": "img", **size}
    return f"{tag('svg', *content, xmlns='http://www.w3.org/2000/svg', **given)}\n"


def words(x: float, y: float, text: str, kind: str = "small", anchor: str | None = None) -> Markup:
    """A line of text."""
    return tag("text", text, x=f"{x:g}", y=f"{y:g}", class_=kind, text_anchor=anchor)


def card(y: float, title: str, lines: Sequence[str], kind: str = "zone") -> tuple[Markup, float]:
    """A frame with a title and lines of text, and where it ends."""
    high = 14 + LINE * (1 + len(lines))
    frame = tag("rect", x="0.5", y=f"{y + 0.5:g}", width=INNER - 1, height=f"{high:g}", rx=4, class_=kind)
    text = [words(14, y + 21 + LINE * at, line) for at, line in enumerate(lines, 1)]
    return join([frame, words(14, y + 21, title, "strong"), *text]), y + high + 1


def arrow(x: float, y: float, length: float) -> Markup:
    """An arrow downwards; upwards with a negative length."""
    tip = 5 if length > 0 else -5
    return tag("path", d=f"M{x:g} {y:g}v{length:g}m-4 {-tip:g}l4 {tip:g} 4 {-tip:g}", class_="wire")


def stack() -> str:
    """What `site` builds: the report's picture of a stack, and beneath it what its nodes are made from."""
    zones = ("zone a", "zone b")
    nodes = [ReportNode(f"WCS node {n}", zone=zone, lifecycle="InService") for n, zone in enumerate(zones, 1)]
    balancer = BalancerRow("wcs", "wcs-….elb.amazonaws.com", "HTTP:8081/?action=stat", ["TCP 8080"], zones)
    above = picture(Facts(name="wcs", balancer=balancer, nodes=nodes, zones=zones), INNER, "narrow")
    high = float(re.search(r'viewBox="0 0 \d+ (\d+)"', above)[1])
    drawn: list[object] = [Markup(above.replace("<svg ", f'<svg width="{INNER}" height="{high:g}" ', 1))]
    y = high - 22
    for title, lines in (
        ("Auto Scaling group wcs", ["keeps nodes in both zones; policies on CPU"]),
        ("Launch template wcs", ["what a new node is launched with"]),
        ("Image wcs-<fingerprint>", ["named by everything that is in it"]),
        ("Seed (temporary)", ["launched, configured, verified,", "imaged, terminated"]),
    ):
        drawn.append(arrow(INNER / 2, y + 22, -20))
        box, y = card(y + 24, title, lines)
        drawn.append(box)
    return sheet("A stack: load balancer, nodes in two zones, and what they are made from", y, drawn)


ENDS = (
    ("Client", ["ends the session when it wants"], "zone"),
    (
        "Classic Load Balancer",
        [
            "closes the session when",
            "– nothing was sent for idle_timeout",
            "– connection_draining is over, at most 3600 s",
            "   after the node was deregistered",
        ],
        "box",
    ),
    (
        "Node",
        [
            "the session ends when the node fails, or when",
            "– AWS scales in",
            "– AWS replaces it: a check says Unhealthy",
            "– AWS rebalances the zones",
            "– an instance refresh replaces it",
            "– somebody terminates it",
        ],
        "zone",
    ),
)


def cuts() -> str:
    """What ends a session, from the client to the node."""
    drawn: list[object] = []
    y = 0.0
    for title, lines, kind in ENDS:
        if drawn:
            drawn.append(arrow(INNER / 2, y + 2, 22))
            y += 26
        box, y = card(y, title, lines, kind)
        drawn.append(box)
    return sheet("What ends a session at the client, the load balancer and the node", y, drawn)


STEPS = (
    ("1  Record it", ["tags on group and node: since when, for", "how long, what was suspended"], False),
    (
        "2  Suspend processes",
        ["HealthCheck, ReplaceUnhealthy, AZRebalance,", "unless they were suspended before"],
        False,
    ),
    ("3  Deregister the node", ["it gets no new session; its existing ones go on"], True),
    ("4  Count its sessions", ["on its statistics page, every few seconds,", "until there are none for 10 s"], True),
    (
        "5  Terminate it, or standby",
        ["desired capacity goes down, or AWS launches", "another node in its place"],
        False,
    ),
    (
        "6  Clean up",
        ["nodes marked Unhealthy meanwhile are set to", "Healthy, processes are resumed, tags removed"],
        False,
    ),
)


def drain() -> str:
    """How a node leaves: the steps, and until when it can be called off."""
    drawn: list[object] = []
    y = 0.0
    for title, lines, reversible in STEPS:
        if drawn:
            drawn.append(arrow(INNER / 2, y + 1, 14))
            y += 16
        box, end = card(y, title, lines, "box" if reversible else "zone")
        if reversible:
            drawn.append(words(INNER - 14, y + 21, "can be called off", "small muted", "end"))
        drawn.append(box)
        y = end
    return sheet("The steps by which a node leaves without cutting sessions", y, drawn)


def rollout() -> str:
    """The number of nodes during a rollout of six nodes with a surge of two."""
    left, right, low, unit = 34.0, float(INNER), 190.0, 20.0

    def level(nodes: int) -> float:
        return low - unit * nodes

    xs = (left, 96.0, 270.0, right)
    line = f"M{xs[0]:g} {level(6):g}H{xs[1]:g}V{level(8):g}H{xs[2]:g}V{level(6):g}H{xs[3]:g}"
    drawn: list[object] = [
        tag("path", d=f"{line}V{low:g}H{left:g}z", class_="zone"),
        tag("path", d=line, class_="box"),
        tag("path", d=f"M{left:g} 8V{low:g}H{right:g}", class_="wire"),
        *(words(left - 8, level(n) + 4, str(n), "small muted", "end") for n in (0, 6, 8)),
        *(tag("path", d=f"M{x:g} {level(6):g}V{low:g}", class_="wire dashed") for x in xs[1:3]),
        words((xs[1] + xs[2]) / 2, level(8) - 8, "peak: desired and surge", "small", "middle"),
        words((xs[0] + xs[1]) / 2, level(3), "6 old", "strong", "middle"),
        words((xs[2] + xs[3]) / 2, level(3), "6 new", "strong", "middle"),
    ]
    course = ("2 new, proven before", "an old one leaves; then", "2 old leave at a time, AWS", "launches 2 new")
    for at, text in enumerate(course):
        drawn.append(words((xs[1] + xs[2]) / 2, level(5) + LINE * at, text, "small", "middle"))
    drawn += [
        words(left, low + 20, "nodes over time", "small muted"),
        words(right, low + 20, "the last old ones are not replaced", "small muted", "end"),
    ]
    return sheet("The number of nodes during a rollout: six old, eight at the peak, six new", low + 28, drawn)


PICTURES: dict[str, Callable[[], str]] = {"stack": stack, "cuts": cuts, "drain": drain, "rollout": rollout}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        (FOLDER / f"picture_{name}.svg").write_text(draw(), encoding="utf-8")
