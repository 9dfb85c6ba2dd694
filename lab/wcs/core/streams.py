# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams without media: what REST calls start, as it shows in the statistics and loads the machine."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST = 1000  # mixers or streams that one call may ask for
STRAIN = 90.0  # per cent of CPU above which streams degrade


@dataclass(frozen=True)
class Stream:
    """One stream; `kind` is its counter, `mixer` says that it is transcoded. It ends at `until`, if ever."""

    stream_id: str
    name: str
    kind: str
    mixer: bool = False
    until: float | None = None

    def describe(self) -> dict[str, Any]:
        """The stream as the REST API shows it."""
        return {
            "mediaSessionId": self.stream_id,
            "name": self.name,
            "published": not self.mixer,
            "status": "PUBLISHING",
        }


class Streams:
    """All streams of a server."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._numbers = itertools.count(1)

    def __iter__(self) -> Any:
        """Those that have not ended."""
        now = time.monotonic()
        self._streams = {key: one for key, one in self._streams.items() if one.until is None or one.until > now}
        return iter(list(self._streams.values()))

    def start_mixers(self, wanted: Mapping[str, Any]) -> list[Stream]:
        """The streams of a load test: each mixer takes in some of the feeding ones. ValueError, TypeError, KeyError."""
        feeding = [str(name) for name in wanted["feedingStreams"]]
        mixers, inputs = _whole(wanted, "mixerCount"), _whole(wanted, "streamsInMixer")
        seconds = wanted.get("intervalInSeconds")
        until = None if seconds is None else time.monotonic() + float(seconds)
        if not feeding:
            raise ValueError("feedingStreams")
        made = []
        for mixer in range(1, mixers + 1):
            made.append(self._add(f"mixer{mixer}", "streams_webrtc_out", True, until))
            for number in range(inputs):
                name = f"{feeding[number % len(feeding)]}-mixer{mixer}"
                made.append(self._add(name, "streams_webrtc_in", False, until))
        return made

    def push(self, wanted: Mapping[str, Any]) -> Stream:
        """The new stream to an RTMP server. ValueError, KeyError."""
        if not str(wanted["rtmpUrl"]).startswith("rtmp"):
            raise ValueError("rtmpUrl")
        return self._add(str(wanted["streamName"]), "streams_rtmp_out", False, None)

    def end(self, wanted: Mapping[str, Any]) -> bool:
        """Ends what is meant by id or name; whether there was any."""
        meant = [s for s in self if wanted.get("mediaSessionId") == s.stream_id or wanted.get("name") == s.name]
        for stream in meant:
            del self._streams[stream.stream_id]
        return bool(meant)

    def end_mixers(self) -> None:
        """Ends every load test."""
        for stream in self:
            if stream.kind != "streams_rtmp_out":
                del self._streams[stream.stream_id]

    def counters(self) -> dict[str, int]:
        """How many there are of each kind."""
        found: dict[str, int] = {}
        for stream in self:
            found[stream.kind] = found.get(stream.kind, 0) + 1
        return found

    def cost(self, per_stream: float, per_mixer: float) -> float:
        """Per cent of CPU that they cost together."""
        return sum(per_mixer if stream.mixer else per_stream for stream in self)

    def degraded(self, load: float) -> float:
        """Per cent of the streams that a load (which may be above 100) is too much for."""
        return round(min(100.0, max(0.0, load - STRAIN)), 2) if self._streams else 0.0

    def transcoding(self) -> dict[str, Any]:
        """The group `transcoding_stats`: an object for each stream that is transcoded."""
        info = {stream.name: {"codec": "H264", "width": 640, "height": 360} for stream in self if stream.mixer}
        return {"transcoding_video_full_info": info} if info else {}

    def _add(self, name: str, kind: str, mixer: bool, until: float | None) -> Stream:
        stream = Stream(f"stream-{next(self._numbers)}", name, kind, mixer, until)
        self._streams[stream.stream_id] = stream
        return stream


def _whole(wanted: Mapping[str, Any], key: str) -> int:
    value = int(wanted[key])
    if not 1 <= value <= MOST:
        raise ValueError(key)
    return value
