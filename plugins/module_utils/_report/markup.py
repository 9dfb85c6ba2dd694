# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML and SVG that cannot be broken out of: every value is text, only what this file makes is markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

LONGEST = 2000
"""Characters of one value that a page shows."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of characters, and marks that turn the direction of the text around them."""

SPACES = re.compile(r"[ \t\r\n\v\f]+")
LINES = re.compile(
    "head|style|title|meta|link|header|main|section|footer|h[123]|p|[uo]l|li|dl|div|table|thead|tbody|tr"
)
VOID = frozenset(("meta", "link", "br"))


class Markup(str):
    """Text that is markup already. Made by `tag` and `join` alone, and of constants."""

    __slots__ = ()


def tag(element: str, /, *children: Any, **attributes: Any) -> Markup:
    """An element. Children that are no Markup are escaped; None, also as an attribute, is left out.

    `class_` is the attribute class; an underscore inside a name is a hyphen. Attributes keep their order.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    after = "\n" if LINES.fullmatch(element) else ""
    if element in VOID:
        return Markup(f"<{element}{given}>{after}")
    return Markup(f"<{element}{given}>{join(children)}</{element}>{after}")


def join(children: Iterable[Any], between: str = "") -> Markup:
    """The children one after the other; lists among them are opened, None is left out."""
    return Markup(escaped(between).join(_flat(children)))


def escaped(value: Any) -> Markup:
    """The value as text, fit for content and for attributes in quotes."""
    return Markup(html.escape(clean(value), quote=True))


def clean(value: Any) -> str:
    """The value as one line of printable characters, not longer than `LONGEST`."""
    text = UNPRINTABLE.sub("\ufffd", SPACES.sub(" ", str(value)))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _flat(children: Iterable[Any]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, (list, tuple)):
            yield from _flat(child)
        elif child is not None:
            yield escaped(child)
