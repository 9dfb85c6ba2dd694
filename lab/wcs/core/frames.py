# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WebSocket frames as RFC 6455 has them, from the server's side: bytes in, events out. No sockets here."""

from __future__ import annotations

from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
LARGEST_MESSAGE = 1 << 20

NORMAL, GOING_AWAY, PROTOCOL_ERROR, UNSUPPORTED, INVALID_DATA, TOO_BIG = 1000, 1001, 1002, 1003, 1007, 1009


class FrameError(Exception):
    """What the client sent breaks the protocol; `code` is the close code that says how."""

    def __init__(self, code: int, reason: str) -> None:
        """`reason` goes into the close frame."""
        super().__init__(reason)
        self.code, self.reason = code, reason


class Event(NamedTuple):
    """A whole message, or a control frame."""

    kind: int
    data: bytes


class Frame(NamedTuple):
    """One frame as it came; `size` is its length on the wire."""

    final: bool
    opcode: int
    data: bytes
    size: int


class FrameReader:
    """Bytes of one client, fed as they come; messages are put together from their fragments."""

    __slots__ = ("_buffer", "_kind", "_parts")

    def __init__(self) -> None:
        """Nothing read yet."""
        self._buffer = b""
        self._kind: int | None = None
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        """The messages and control frames that are complete with `data`; FrameError where the protocol is broken."""
        self._buffer += data
        events: list[Event] = []
        while True:
            frame = read_frame(self._buffer, LARGEST_MESSAGE - sum(map(len, self._parts)))
            if frame is None:
                return events
            self._buffer = self._buffer[frame.size :]
            event = self._take(frame)
            if event is not None:
                events.append(event)

    def _take(self, frame: Frame) -> Event | None:
        if frame.opcode >= CLOSE:
            return Event(frame.opcode, frame.data)
        if frame.opcode == CONTINUATION and self._kind is None:
            raise FrameError(PROTOCOL_ERROR, "a continuation of nothing")
        if frame.opcode != CONTINUATION:
            if self._kind is not None:
                raise FrameError(PROTOCOL_ERROR, "a new message inside a fragmented one")
            self._kind = frame.opcode
        self._parts.append(frame.data)
        if not frame.final or self._kind is None:
            return None
        event = Event(self._kind, b"".join(self._parts))
        self._kind, self._parts = None, []
        return event


def read_frame(data: bytes, room: int) -> Frame | None:
    """The first frame in `data`, unmasked; None until it is whole. `room`: how long its payload may be."""
    if len(data) < 2:
        return None
    final, opcode, length, start = bool(data[0] & 0x80), data[0] & 0x0F, data[1] & 0x7F, 2
    if data[0] & 0x70:
        raise FrameError(PROTOCOL_ERROR, "reserved bits are set")
    if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        raise FrameError(PROTOCOL_ERROR, "unknown opcode")
    if not data[1] & 0x80:
        raise FrameError(PROTOCOL_ERROR, "frame is not masked")
    if opcode >= CLOSE and (length > 125 or not final):
        raise FrameError(PROTOCOL_ERROR, "control frame too long or fragmented")
    if length > 125:
        start += 2 if length == 126 else 8
        if len(data) < start:
            return None
        length = int.from_bytes(data[2:start], "big")
    if length > room:
        raise FrameError(TOO_BIG, "message too big")
    end = start + 4 + length
    if len(data) < end:
        return None
    return Frame(final, opcode, unmasked(data[start + 4 : end], data[start : start + 4]), end)


def unmasked(data: bytes, key: bytes) -> bytes:
    """The payload with its mask taken off (or put on: it is the same)."""
    mask = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(data), "big")


def frame(opcode: int, data: bytes = b"") -> bytes:
    """A whole, unmasked frame, as servers send them."""
    if len(data) < 126:
        length = bytes((len(data),))
    elif len(data) < 1 << 16:
        length = b"\x7e" + len(data).to_bytes(2, "big")
    else:
        length = b"\x7f" + len(data).to_bytes(8, "big")
    return bytes((0x80 | opcode,)) + length + data


def closing(code: int, reason: str = "") -> bytes:
    """A close frame."""
    return frame(CLOSE, code.to_bytes(2, "big") + reason.encode()[:123])


def close_code(data: bytes) -> int:
    """The code of a client's close frame, to be answered with; FrameError for one that is not allowed."""
    if not data:
        return NORMAL
    code = int.from_bytes(data[:2], "big")
    allowed = (1000 <= code <= 1011 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999
    if len(data) == 1 or not allowed:
        raise FrameError(PROTOCOL_ERROR, "invalid close code")
    return code
