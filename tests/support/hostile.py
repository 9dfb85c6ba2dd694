"""A host that answers statistics requests in every wrong way: one case a path, on one loopback address."""

from __future__ import annotations

import asyncio
import gzip
import random
import ssl
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.standin import certificate_for, free_address

ROOT = Path(__file__).resolve().parents[2]
PAGE = b"-----Connection\nconnections=7\nconnections_websocket=7\n-----Core\ncore_threads=4\n"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """What the host does, and a word of what the user must be told."""

    name: str
    answer: Answer
    word: str


def reply(body: bytes, *headers: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % (len(body) if length is None else length), *headers]
    return b"\r\n".join([*lines, b"", body])


def chunked(*chunks: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    parts = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + parts + last


def sends(raw: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return answer


def drips(raw: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for byte in raw:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0.05)

    return answer


def endless(start: bytes, part: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()

    return answer


async def hangs(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def cuts(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def malformed(count: int = 200, seed: int = 1) -> list[Case]:
    """So many cases: each way to go wrong, in random variations that are the same every time."""
    dice = random.Random(seed)
    ways = [make for make in WAYS for _ in range(-(-count // len(WAYS)))][:count]
    return [case(f"{make.__name__}-{number}", *make(dice)) for number, make in enumerate(ways)]


def case(name: str, answer: Answer | bytes, word: str) -> Case:
    return Case(name, sends(answer) if isinstance(answer, bytes) else answer, word)


Way = tuple["Answer | bytes", str]


def truncated(dice: random.Random) -> Way:
    return reply(PAGE[: dice.randrange(len(PAGE))], length=len(PAGE)), "cut"


def truncated_chunks(dice: random.Random) -> Way:
    return chunked(PAGE, last=dice.choice([b"", b"ff\r\nabc", b"5"])), "cut"


def cut_in_a_line(dice: random.Random) -> Way:
    return reply(PAGE + b"stre" + b"a" * dice.randrange(9)), "cut off"


def web_page(dice: random.Random) -> Way:
    tag = dice.choice([b"<html>", b"<!DOCTYPE html><html>", b"\n <?xml version='1.0'?>"])
    return reply(tag + b"<script>alert(1)</script>" * dice.randrange(9)), "HTML"


def gzip_bomb(dice: random.Random) -> Way:
    packed = gzip.compress(b"\0" * dice.randrange(1 << 20, 1 << 23))
    return reply(packed, b"Content-Encoding: gzip"), "longer than max_body"


def gzip_in_secret(dice: random.Random) -> Way:
    return reply(gzip.compress(PAGE * dice.randrange(1, 9))), "not text"


def endless_body(dice: random.Random) -> Way:
    return endless(b"HTTP/1.1 200 OK\r\n\r\n", PAGE * dice.randrange(1, 99)), "longer than max_body"


def endless_chunks(dice: random.Random) -> Way:
    part = b"x" * dice.randrange(1, 60000)
    return endless(chunked(last=b""), b"%x\r\n%s\r\n" % (len(part), part)), "longer than max_body"


def announced_too_long(dice: random.Random) -> Way:
    return reply(b"x", length=dice.choice([1 << 21, 1 << 40])), "longer than max_body"


def endless_header(dice: random.Random) -> Way:
    return endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * dice.randrange(1, 9999)), "header line of more than"


def endless_headers(dice: random.Random) -> Way:
    return endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * dice.randrange(1, 99)), "headers"


def endless_interim(dice: random.Random) -> Way:
    return endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * dice.randrange(1, 9)), "interim replies"


def slow_body(dice: random.Random) -> Way:
    return drips(reply(PAGE * dice.randrange(1, 9))), "within"


def slow_header(dice: random.Random) -> Way:
    return drips(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * dice.randrange(20, 90)), "waiting for its headers"


def nul(dice: random.Random) -> Way:
    place = dice.randrange(len(PAGE))
    return reply(PAGE[:place] + b"\0" + PAGE[place:]), "NUL"


def wrong_charset(dice: random.Random) -> Way:
    return reply(PAGE.decode().encode(dice.choice(["utf-16", "utf-16-le", "utf-32", "utf-16-be"]))), "not text"


def broken_charset(dice: random.Random) -> Way:
    return reply(
        PAGE + b"name=" + dice.choice([b"\xe9", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80"]) + b"\n"
    ), "no UTF-8"


def duplicate(dice: random.Random) -> Way:
    return reply(PAGE + b"-----Connection\nconnections_websocket=%d\n" % dice.randrange(8, 99)), "stands twice"


def negative(dice: random.Random) -> Way:
    return reply(b"connections_websocket=-%d\n" % dice.randrange(1, 9999)), "cannot be a count"


def huge(dice: random.Random) -> Way:
    value = dice.choice([b"1e309", b"9" * 19, b"9" * 300, b"1e99", b"18446744073709551616"])
    return reply(b"connections_websocket=" + value), "too large"


def no_number(dice: random.Random) -> Way:
    value = dice.choice([b"", b"NaN", b"Infinity", b"0x10", b"1,000", b"null", b"{{ 7*7 }}", b"\xd9\xa3", b"1_000"])
    return reply(b"connections_websocket=" + value + b"\n"), "no number"


def broken_json(dice: random.Random) -> Way:
    page = b'{"connections_stats": {"connections": 7, "connections_websocket": 7}}'
    return reply(page[: dice.randrange(1, len(page))]), "not valid JSON"


def deep_json(dice: random.Random) -> Way:
    return reply(dice.choice([b"[", b'{"a":']) * dice.randrange(2000, 50000)), "too deeply"


def redirect(dice: random.Random) -> Way:
    there = dice.choice([b"http://169.254.169.254/latest/", b"//127.0.0.1:1/", b"https://example.com/", b"file:///x"])
    return reply(b"", b"Location: " + there, status=dice.choice([b"301 Moved", b"302 Found", b"307 T"])), "redirects to"


def redirect_loop(dice: random.Random) -> Way:
    return reply(b"", b"Location: ?", status=dice.choice([b"302 Found", b"308 P"])), "redirects more than"


def other_status(dice: random.Random) -> Way:
    status = dice.choice([b"401", b"403", b"404", b"500", b"502", b"503", b"204"])
    return reply(b"<html>", status=status + b" No"), f"it answered {status.decode()}"


def no_http(dice: random.Random) -> Way:
    raw = dice.choice([b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x03\0\x02\x02\n", b"HTTP/2 200\r\n\r\n", b"220 smtp\r\n"])
    return raw, "does not speak HTTP"


def bad_length(dice: random.Random) -> Way:
    value = dice.choice([b"-1", b"abc", b"1e3", b"9" * 99, b""])
    return b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\nx", "announces a length"


def two_lengths(dice: random.Random) -> Way:
    return reply(PAGE, b"Content-Length: %d" % dice.randrange(len(PAGE))), "malformed"


def says_nothing(dice: random.Random) -> Way:
    return dice.choice([(hangs, "waiting for its headers"), (cuts, "cut"), (sends(b""), "cut")])


WAYS = (
    *(truncated, truncated_chunks, cut_in_a_line, web_page, gzip_bomb, gzip_in_secret, endless_body, endless_chunks),
    *(announced_too_long, endless_header, endless_headers, endless_interim, slow_body, slow_header, nul, wrong_charset),
    *(broken_charset, duplicate, negative, huge, no_number, broken_json, deep_json, redirect, redirect_loop),
    *(other_status, no_http, bad_length, two_lengths, says_nothing),
)


def answering(raw: bytes) -> AbstractContextManager[str]:
    """The authority of a server that answers everything with these bytes."""
    return served([], well=raw)


@contextmanager
def served(cases: list[Case], tls: Path | None = None, well: bytes = reply(PAGE)) -> Iterator[str]:
    """The authority (host:port) of a server where the path `/<name>` behaves as that case, and `/` well."""
    answers = {f"/{one.name}": one.answer for one in cases}
    ready, ends = threading.Event(), threading.Event()
    address = free_address()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode().partition("?")[0]
            await answers.get(path, sends(well))(writer)
            writer.close()
        except (OSError, EOFError, asyncio.CancelledError):  # cancelled at the end of the server
            writer.transport.abort()

    async def serve() -> None:
        server = await asyncio.start_server(talk, address, 8081, ssl=context(tls) if tls else None)
        ready.set()
        while not ends.is_set():
            await asyncio.sleep(0.01)
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield f"{address}:8081"
    finally:
        ends.set()
        thread.join(10)


@contextmanager
def served_apart(count: int) -> Iterator[str]:
    """The authority of a server of `malformed(count)` in a process of its own, which takes no turns from who asks."""
    command = [sys.executable, "-m", "tests.support.hostile", str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            authority = process.stdout.readline().strip()
            assert authority, "it ended before it listened"
            yield authority
        finally:
            process.stdin.close()  # at which it ends


def context(folder: Path) -> ssl.SSLContext:
    """Answers TLS with a certificate that nobody trusts."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name, content in zip(("pair.crt", "pair.key"), certificate_for("wcs.example"), strict=True):
        (folder / name).write_bytes(content)
    made.load_cert_chain(folder / "pair.crt", folder / "pair.key")
    return made


if __name__ == "__main__":
    with served(malformed(int(sys.argv[1]))) as authority:
        print(authority, flush=True)
        sys.stdin.read()
