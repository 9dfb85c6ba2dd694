"""Demo pages: status and title are looked at."""

from __future__ import annotations

import pytest

from plugins.module_utils._nodes.demo_pages import demo_pages, problem
from plugins.module_utils._nodes.fetch import Request


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html><title>Two-way Streaming</title>", ""),
        (b"<TITLE lang=en>\n Flashphoner Two Way Streaming </TITLE>", ""),
        (b"<title>Log in</title>", "its title is 'Log in', not Two-way Streaming"),
        (b"<title></title>", "it has no title"),
        (b"", "it has no title"),
        (b"\xff<title>\xff</title>", "its title is '\ufffd', not Two-way Streaming"),
    ],
)
def test_the_title_says_which_page_it_is(body: bytes, why: str) -> None:
    assert problem(body) == why


def test_where_there_is_none_nothing_is_asked() -> None:
    assert demo_pages([], Request()) == []
