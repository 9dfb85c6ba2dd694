# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m lab.run.list_corrections` writes the list of corrections into the lab's README."""

from __future__ import annotations

from pathlib import Path

from ..core.corrections import REGISTRY, load
from ..open import ANSWERS

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- corrections -->", "<!-- end of corrections -->"
SERVICES = {
    "ec2": "EC2",
    "elb": "Classic Load Balancing",
    "autoscaling": "Auto Scaling",
    "cloudwatch": "CloudWatch",
    "iam": "IAM",
}


def listed() -> str:
    """The corrections as a Markdown list, by service."""
    load(ANSWERS)
    lines: list[str] = []
    for service, title in SERVICES.items():
        entries = [entry for entry in REGISTRY if entry.owner.__module__.split(".")[1] == service]
        lines += [f"**{title}**", "", *(f"- {entry.sentence}" for entry in entries), ""]
    return "\n".join(lines)


def written(text: str) -> str:
    """The README's text with the list as it is now."""
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n\n{listed()}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
