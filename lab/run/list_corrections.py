# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m lab.run.list_corrections` writes the lists of corrections and delays into the lab's README."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..core.corrections import REGISTRY, load
from ..core.delays import Delays
from ..open import ANSWERS

README = Path(__file__).resolve().parents[1] / "README.md"
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


def delays() -> str:
    """How long AWS takes in a lab, as a Markdown table."""
    rows = [f"| {field.name.replace('_', ' ')} | {field.default:g} |" for field in dataclasses.fields(Delays)]
    return "\n".join(["| what | AWS seconds |", "| --- | --- |", *rows, ""])


def written(text: str) -> str:
    """The README's text with its lists as they are now."""
    for name, found in (("corrections", listed()), ("delays", delays())):
        head, _, rest = text.partition(f"<!-- {name} -->")
        tail = rest.partition(f"<!-- end of {name} -->")[2]
        text = f"{head}<!-- {name} -->\n\n{found}\n<!-- end of {name} -->{tail}"
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
