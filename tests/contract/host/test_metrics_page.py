"""How `wcs-metrics` reads a page and the metadata service: whole and in time, or not at all; on real sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from plugins.module_utils._nodes import stats
from plugins.module_utils._nodes.pages import How, read_nodes
from plugins.module_utils._nodes.target import Target
from tests.support.hostile import Answer, Case, chunked, hangs, reply, sends, served
from tests.support.scripts import script

METRICS = script("wcs-metrics")
SESSIONS = "connections_websocket"

TEXT = b"-----Connection info-----\nconnections_websocket=123\n-----Stream\nstreams_webrtc_in=40\nstreams_rtmp_in=5\n"
JSON = json.dumps({"connections_stats": {SESSIONS: 123}, "streams_stats": {"streams_webrtc_in": 40}}).encode()


def in_chunks(page: bytes, size: int = 17) -> bytes:
    return chunked(*(page[start : start + size] for start in range(0, len(page), size)))


def with_long_sizes(page: bytes, size: int = 40) -> bytes:
    """Sizes with zeros before them: cut after a zero they look like the end."""
    chunks = [page[start : start + size] for start in range(0, len(page), size)] + [b""]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%04x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


def without_length(page: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n\r\n" + page


TRANSFERS: Mapping[str, Callable[[bytes], bytes]] = {
    "a length": reply,
    "chunks": in_chunks,
    "no length": without_length,
}
PAGES = {
    "text": TEXT,
    "text without a last line's end": TEXT[:-1],
    "text of Windows": TEXT.replace(b"\n", b"\r\n"),
    "json": JSON,
}


def published(authority: str, name: str) -> dict[str, float]:
    """What is published of the page at that path; nothing where there is none."""
    address, _, port = authority.partition(":")
    try:
        answer = METRICS.page(METRICS.Settings(port=int(port), path=f"/{name}"), address)
        return METRICS.readings(stats, answer.body, answer.ended)
    except METRICS.Hindrance:
        return {}


def counted(authority: str, names: list[str]) -> list[int | None]:
    """The sessions that wcs_stat_info counts."""
    address, _, port = authority.partition(":")
    jobs = [(stats.Node(name), Target("http", address, int(port), f"/{name}")) for name in names]
    return [node.connections_websocket if node.ok else None for node in read_nodes(jobs, How(timeout=30.0))]


@pytest.mark.parametrize("transfer", TRANSFERS.values(), ids=TRANSFERS)
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_of_no_beginning_of_a_page_a_wrong_number_is_published(page: bytes, transfer: Callable[[bytes], bytes]) -> None:
    """And its sessions are unknown, or what wcs_stat_info counts."""
    raw = transfer(page)
    whole = METRICS.readings(stats, page)
    assert whole[SESSIONS] == 123
    beginnings = {f"first-{length}": raw[:length] for length in range(len(raw) + 1)}
    with served([Case(name, sends(sent), "") for name, sent in beginnings.items()]) as authority:
        found = {name: published(authority, name) for name in beginnings}
        there = dict(zip(found, counted(authority, list(found)), strict=True))
    for name, values in found.items():
        assert set(values.items()) <= set(whole.items()), beginnings[name]
        assert values.get(SESSIONS) in (None, there[name]), beginnings[name]
    last = f"first-{len(raw)}"
    known = None if transfer is without_length and page == TEXT[:-1] else 123
    assert found[last].get(SESSIONS) == there[last] == known


def test_a_size_that_is_cut_is_no_end() -> None:
    raw = with_long_sizes(TEXT)
    beginnings = {f"first-{length}": raw[:length] for length in range(len(raw) + 1)}
    with served([Case(name, sends(sent), "") for name, sent in beginnings.items()]) as authority:
        found = [published(authority, name).get(SESSIONS) for name in beginnings]
    assert found[-1] == 123
    assert set(found) == {None, 123}


def test_a_sum_is_of_a_whole_page() -> None:
    """Without a length the lines of further streams may be missing."""
    assert METRICS.readings(stats, TEXT)["streams_in"] == 45
    assert METRICS.readings(stats, TEXT, ended=False) == {SESSIONS: 123}


NO_PAGE: Mapping[str, tuple[bytes, str]] = {
    "a part": (reply(TEXT, status=b"206 Partial Content"), "answers 206"),
    "an error": (reply(TEXT, status=b"500 No"), "answers 500"),
    "elsewhere": (reply(b"", b"Location: /", status=b"302 Found"), "answers 302"),
    "no length that is one": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + TEXT, "a length of '-1'"),
    "two lengths": (reply(TEXT, b"Content-Length: 40"), "a length of "),
    "too long": (reply(TEXT * 20000), "longer than"),
    "too long in chunks": (chunked(TEXT * 20000), "longer than"),
    "short": (reply(TEXT, length=len(TEXT) + 1), "was cut"),
    "a short chunk": (chunked(TEXT, last=b"5\r\nab"), "was cut"),
    "no last chunk": (chunked(TEXT, last=b""), "was cut"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer"),
    "a status without end": (b"HTTP/1.1 2" + b"0" * 60000 + b"\r\n\r\n", "does not answer"),
    "nothing": (b"", "does not answer"),
}


@pytest.mark.parametrize(("raw", "words"), NO_PAGE.values(), ids=NO_PAGE)
def test_what_is_no_page_says_so(raw: bytes, words: str) -> None:
    with served([], well=raw) as authority:
        address, _, port = authority.partition(":")
        with pytest.raises(METRICS.Hindrance) as why:
            METRICS.page(METRICS.Settings(port=int(port)), address)
    assert (why.value.state.kind, why.value.state.published) == ("page", False)
    assert words in why.value.state.text
    assert "\n" not in why.value.state.text
    assert len(why.value.state.text) < 300


# In time


def trickles(begin: bytes, part: bytes) -> Answer:
    """A beginning, then a little again and again: no wait for the next is long."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)

    return answer


SLOW: Mapping[str, Answer] = {
    "nothing comes": hangs,
    "a status line": trickles(b"HTTP/1.1 200 ", b"O"),
    "a header": trickles(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "headers": trickles(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "interim answers": trickles(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": trickles(reply(TEXT, length=1 << 19), b"\n"),
    "a chunk": trickles(chunked(TEXT, last=b"fffff\r\n"), b"\n"),
    "chunks": trickles(chunked(TEXT, last=b""), b"1\r\n\n\r\n"),
    "a body without a length": trickles(without_length(TEXT), b"\n"),
}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_who_trickles_is_left_in_time(
    answer: Answer, tls: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(METRICS, "PATIENCE", 0.3)
    scheme = "https" if tls else "http"
    slow = [Case("slow", answer, ""), Case("latest/api/token", answer, "")]
    with served(slow, tls=tmp_path if tls else None) as authority:
        address, _, port = authority.partition(":")
        began = time.monotonic()
        with pytest.raises(METRICS.Hindrance) as page:
            METRICS.page(METRICS.Settings(scheme=scheme, port=int(port), path="/slow"), address)
        with pytest.raises(METRICS.Hindrance) as metadata:
            METRICS.Metadata(f"{scheme}://{authority}")
        lasted = time.monotonic() - began
    assert lasted < 5
    for why, kind in ((page, "page"), (metadata, "metadata")):
        assert why.value.state.kind == kind
        assert "no complete answer within 0.3 s" in why.value.state.text


def test_over_tls_a_page_is_read_whoever_signed_its_certificate(tmp_path: Path) -> None:
    with served([], tls=tmp_path, well=reply(TEXT)) as authority:
        address, _, port = authority.partition(":")
        assert METRICS.page(METRICS.Settings(scheme="https", port=int(port)), address).body == TEXT


def test_what_the_metadata_service_does_not_end_is_not_taken_for_whole() -> None:
    """The name of a group that is cut is that of another."""
    for raw, words in ((without_length(b"wc"), "no length"), (reply(b"wc", length=3), "was cut")):
        with served([], well=raw) as authority, pytest.raises(METRICS.Hindrance) as why:
            METRICS.Metadata(f"http://{authority}")
        assert why.value.state.kind == "metadata"
        assert words in why.value.state.text
