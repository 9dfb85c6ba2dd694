"""Frames of the stand-in, against the rules of RFC 6455."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from lab.wcs.core import frames
from lab.wcs.core.frames import CLOSE, CONTINUATION, PING, TEXT, Event, FrameError, FrameReader, closing, frame

MASK = b"\x0f\xf0\x55\xaa"


def client(opcode: int, data: bytes = b"", final: bool = True) -> bytes:
    """A frame as a client sends it."""
    head = bytearray(frame(opcode, data)[: -len(data)] if data else frame(opcode))
    head[0] = (0x80 if final else 0) | opcode
    head[1] |= 0x80
    return bytes(head) + MASK + frames.unmasked(data, MASK)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536])
def test_a_message_comes_out_as_it_went_in(length: int) -> None:
    data = bytes(range(256)) * (length // 256 + 1)
    assert FrameReader().feed(client(TEXT, data[:length])) == [Event(TEXT, data[:length])]


def test_bytes_may_come_one_by_one() -> None:
    reader = FrameReader()
    events = [event for byte in client(TEXT, b"x" * 130) for event in reader.feed(bytes((byte,)))]
    assert events == [Event(TEXT, b"x" * 130)]


def test_control_frames_may_come_between_fragments() -> None:
    sent = client(TEXT, b"ab", final=False) + client(PING, b"?") + client(CONTINUATION, b"c")
    assert FrameReader().feed(sent) == [Event(PING, b"?"), Event(TEXT, b"abc")]


BROKEN = {
    "not masked": (frame(TEXT, b"x"), 1002),
    "reserved bit": (bytes((client(TEXT)[0] | 0x40,)) + client(TEXT)[1:], 1002),
    "unknown opcode": (client(0x3), 1002),
    "long control frame": (client(PING, b"x" * 126), 1002),
    "fragmented control frame": (client(PING, b"", final=False), 1002),
    "continuation of nothing": (client(CONTINUATION, b"x"), 1002),
    "message inside a message": (client(TEXT, b"x", final=False) + client(TEXT, b"y"), 1002),
    "too big": (client(TEXT, b"x" * (frames.LARGEST_MESSAGE + 1)), 1009),
    "too big in fragments": (client(TEXT, b"x" * (frames.LARGEST_MESSAGE), final=False) + client(0, b"y"), 1009),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_breaks_the_protocol_has_its_close_code(case: str) -> None:
    sent, code = BROKEN[case]
    with pytest.raises(FrameError) as broken:
        FrameReader().feed(sent)
    assert broken.value.code == code


def test_a_message_too_big_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="too big"):
        FrameReader().feed(client(TEXT, b"x" * 70000)[:2] + (1 << 62).to_bytes(8, "big"))


@pytest.mark.parametrize("data", [b"\x03", b"\x03\xed", b"\x00\x00", b"\x13\x88"])
def test_invalid_close_codes(data: bytes) -> None:
    with pytest.raises(FrameError):
        frames.close_code(data)


def test_close_codes() -> None:
    assert frames.close_code(b"") == 1000
    assert frames.close_code(closing(1001, "away")[2:]) == 1001
    assert closing(1001)[0] == 0x80 | CLOSE


CORE = sorted(Path(frames.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_server_needs_no_more_than_python_3_9(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    absolute = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0]
    names = {str(node.module).split(".")[0] for node in absolute}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names <= sys.stdlib_module_names
