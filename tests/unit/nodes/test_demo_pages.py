"""Demo pages: status and title are looked at; a page that nobody answers for is not judged."""

from __future__ import annotations

import pytest

from plugins.module_utils._core.pages import DEMO
from plugins.module_utils._nodes.demo_pages import CLOSED, demo_problems, problem
from plugins.module_utils._nodes.fetch import Request
from plugins.module_utils._nodes.target import Target
from tests.support.standin import free_address


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


def test_where_nobody_answers_nothing_is_judged() -> None:
    assert demo_problems([Target("http", free_address(), 8081, DEMO)], Request(timeout=2)) == [CLOSED]
    assert demo_problems([], Request()) == []
