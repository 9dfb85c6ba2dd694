"""Statistics pages: both dialects, what a page may leave open, and what no page may say."""

from __future__ import annotations

import json

import pytest

from plugins.module_utils._nodes.stats import Node, Problem, distribution, find, parse, totals, with_page

TEXT = b"""-----Connection info-----
connections=3
connections_websocket=3
-----Native_resources
native_resources=0
----- System
system_java_cpu_usage=2.25
state=running
"""


def node(body: bytes, **options) -> Node:
    return with_page(Node("10.0.0.1"), body, 1.0, **options)


def test_the_text_dialect() -> None:
    assert parse(TEXT) == {
        "connection": {"connections": 3, "connections_websocket": 3},
        "native_resources": {"native_resources": 0},
        "system": {"system_java_cpu_usage": 2.25, "state": "running"},
    }


def test_the_json_dialect() -> None:
    page = {"connections_stats": {"connections_websocket": "3"}, "transcoding_stats": {"info": {"a": {"fps": "30"}}}}
    assert parse(json.dumps(page).encode()) == {
        "connections_stats": {"connections_websocket": 3},
        "transcoding_stats": {"info": {"a": {"fps": 30}}},
    }


def test_the_dialect_can_be_told() -> None:
    assert isinstance(parse(TEXT, "json"), Problem)
    assert isinstance(parse(b'{"a": {"b": 1}}', "text"), Problem)


@pytest.mark.parametrize(
    "body",
    [
        b"connection_websocket=3\n",
        b"\xef\xbb\xbf-----Unheard_of\r\nconnections_websocket = 3\r\n\r\nnew_counter=1\r\n",
        b"----\n-----Connection\nconnections_websocket=3\nconnections_websocket=3\n",
        b'{"connections_stats": {"connections_websocket": 3}, "empty": {}}',
        b'{"connection_websocket": "3"}',
        b'{"a": {"b": {"connections_websocket": 3}}}',
    ],
)
def test_what_is_unknown_does_no_harm(body: bytes) -> None:
    read = node(body)
    assert (read.ok, read.error, read.connections_websocket) == (True, None, 3)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<html><body>502 Bad Gateway</body></html>", "HTML"),
        (b"-----Connection\n", "no counters"),
        (b"{}", "no counters"),
        (b'{"a": {}}', "no counters"),
        (b"[1, 2]", "no object"),
        (b'{"a": {"connections_websocket": 1}', "not valid JSON"),
        (b"-----Connection\nconnections_webso", "cut off"),
        (b"=3\n", "cut off"),
        (b"connections_websocket=3\0\n", "NUL"),
        ("connections_websocket=3 é".encode("latin-1"), "no UTF-8"),
        ("connections_websocket=3".encode("utf-16"), "no UTF-8"),
        ("connections_websocket=3".encode("utf-16-le"), "NUL"),
        (b"\x1f\x8b\x08\0\0\0\0", "no UTF-8"),
        (b"connections_websocket=-1\n", "cannot be a count"),
        (b"connections_websocket=1.5\n", "cannot be a count"),
        (b"connections_websocket=\n", "no number"),
        (b"connections_websocket=three\n", "no number"),
        (b"connections_websocket=0x3\n", "no number"),
        (b"connections_websocket=1e400\n", "too large"),
        (b"connections_websocket=" + b"9" * 30, "too large"),
        (b"connections_websocket=" + b"9" * 5000, "longer than"),
        (b'{"c": {"connections_websocket": 1e999}}', "too large"),
        (b'{"c": {"connections_websocket": NaN}}', "no number"),
        (b'{"c": {"connections_websocket": true}}', "no number"),
        (b'{"c": {"connections_websocket": null}}', "no number"),
        (b'{"c": {"connections_websocket": {"v": 3}}}', "no number"),
        (b'{"c": {"connections_websocket": ' + b"9" * 5000 + b"}}", "not valid JSON"),
        (b"connections_websocket=3\nconnections_websocket=4\n", "stands twice"),
        (b"-----A\nconnections_websocket=3\n-----B\nconnections_websocket=4\n", "stands twice"),
        (b"connections_websocket=3\nconnection_websocket=4\n", "stands twice"),
        (b'{"c": {"connections_websocket": 3, "connections_websocket": 4}}', "stands twice"),
        (b'{"c": {"x": "\\ud800"}}', "half a character"),
        (b'{"c": {"\\ud800": 1}}', "half a character"),
        (b"[" * 100_000, "too deeply"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, "too deeply"),
        (b"\n".join(b"c%d=1" % number for number in range(10_001)), "more than"),
        (b"connections=3\n", "no connections_websocket"),
    ],
)
def test_what_is_no_page_says_why(body: bytes, word: str) -> None:
    read = node(body)
    assert not read.ok
    assert word in str(read.error)
    assert str(read.error).isprintable()
    assert read.connections_websocket is None
    json.dumps(read.show(), allow_nan=False).encode()


@pytest.mark.parametrize("end", [b"", b" ", b"\r"])
def test_a_text_of_unknown_length_may_be_cut_off_in_its_last_line(end: bytes) -> None:
    cut = b"-----Connection\nconnections_websocket=1" + end
    read = node(cut, ended=False)
    assert (read.ok, read.connections_websocket) == (False, None)
    assert "cut off" in str(read.error)
    assert node(cut).connections_websocket == 1
    assert node(cut + b"\n", ended=False).connections_websocket == 1


def test_json_says_itself_where_it_ends() -> None:
    whole = b'{"connections_stats": {"connections_websocket": 123}}'
    assert node(whole, ended=False).connections_websocket == 123
    assert not any(node(whole[:length], ended=False).ok for length in range(len(whole)))


def test_only_the_counters_asked_for_are_kept_and_they_must_be_there() -> None:
    read = node(TEXT, counters=["system_java_cpu_usage"])
    assert read.stats == {"system": {"system_java_cpu_usage": 2.25}}
    assert read.connections_websocket == 3
    assert node(b"core_threads=4\n", counters=["core_threads"]).ok
    assert "no streams_viewers" in str(node(TEXT, counters=["streams_viewers"]).error)
    assert "'running', which is no number" in str(node(TEXT, counters=["state"]).error)


def test_a_count_is_found_in_any_group() -> None:
    assert find({"x": {"y": {"connection_websocket": 5}}}, "connections_websocket") == 5
    assert find({"x": {}}, "connections_websocket") is None


def test_totals_are_of_the_nodes_that_answered() -> None:
    nodes = [node(TEXT), node(TEXT), node(b"")]
    assert totals(nodes, ["system_java_cpu_usage"]) == {
        "nodes": 3,
        "ok": 2,
        "failed": 1,
        "connections_websocket": 6,
        "system_java_cpu_usage": 4.5,
    }
    assert totals([node(b"")]) == {"nodes": 1, "ok": 0, "failed": 1, "connections_websocket": None}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([2, 4, 6, None], (2, 6, 4.0, 1.5)),
        ([0, 0], (0, 0, 0.0, None)),
        ([None], (None, None, None, None)),
        ([], (None, None, None, None)),
    ],
)
def test_the_distribution_is_of_known_counts(counts: list[int | None], expected: tuple[float | None, ...]) -> None:
    assert tuple(distribution(counts).values()) == expected
