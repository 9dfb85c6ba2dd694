# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams without media: what REST calls start, as it shows in the statistics and loads the machine.

The calls are those of the vendor's pages "Stream mixer", "Mixer load testing" and "Republishing a stream to RTMP".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST = 1000  # mixers that one call may ask for
STRAIN = 90.0  # per cent of CPU above which streams degrade
OWN = ("localhost", "127.0.0.1")
URI = "mixer://"


class Refused(Exception):
    """The call is refused with this status of HTTP."""

    def __init__(self, status: int, reason: str) -> None:
        """`reason` is the body of the answer."""
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Mixer:
    """A mixer; its output is a stream that is published under `stream`."""

    name: str
    stream: str
    tested: bool = False
    """Whether it belongs to the server's own load test."""

    def describe(self) -> dict[str, Any]:
        """The mixer as the REST API shows it."""
        return {"uri": f"{URI}{self.name}", "localStreamName": self.stream, "status": "PROCESSED_LOCAL"}


@dataclass(frozen=True)
class Push:
    """A stream that is sent to an RTMP server. `target`: the name under which it arrives at this one, if it does."""

    session_id: str
    name: str
    url: str
    target: str | None

    @property
    def mixer(self) -> str | None:
        """The mixer that takes it in: what follows # in its name."""
        return self.target.split("#")[1] if self.target and "#" in self.target else None

    def describe(self) -> dict[str, Any]:
        """The push as the REST API shows it."""
        return {"mediaSessionId": self.session_id, "streamName": f"rtmp_{self.name}", "rtmpUrl": self.url}


class Streams:
    """All streams of a server.

    `published`: streams that somebody publishes. `empty`: whether a mixer that takes in nothing publishes a stream.
    """

    def __init__(self, published: Sequence[str] = (), empty: bool = True) -> None:
        self.published, self.empty = tuple(published), empty
        self._mixers: dict[str, Mixer] = {}
        self._pushes: dict[str, Push] = {}
        self._numbers = itertools.count(1)

    # What REST asks

    def start_mixer(self, wanted: Mapping[str, Any]) -> Mixer:
        """The new mixer. Raises Refused, KeyError."""
        name, stream = _name(wanted), str(wanted["localStreamName"])
        if name in self._mixers:
            raise Refused(409, "Conflict")
        return self._mixers.setdefault(name, Mixer(name, stream))

    def end_mixer(self, wanted: Mapping[str, Any]) -> None:
        """Ends a mixer. Raises Refused, KeyError."""
        if self._mixers.pop(_name(wanted), None) is None:
            raise Refused(404, "Not found")

    def mixers(self) -> list[dict[str, Any]]:
        """All mixers. Raises Refused where there is none."""
        return _any([mixer.describe() for mixer in self._mixers.values()])

    def test_mixers(self, wanted: Mapping[str, Any]) -> None:
        """Starts the server's own load test of mixers, which lasts until it is stopped.

        Each mixer takes in streams that are published, and each stream goes into one mixer. Raises Refused, ValueError,
        TypeError, KeyError.
        """
        feeding = [str(name) for name in wanted["feedingStreams"]]
        count, inputs = _whole(wanted, "mixerCount"), _whole(wanted, "streamsInMixer")
        if not set(feeding) <= set(self._names()) or count * inputs > len(feeding):
            raise Refused(500, "Internal error")
        for number in range(1, count + 1):
            self._mixers[f"test{number}"] = Mixer(f"test{number}", f"test{number}", tested=True)

    def end_test(self) -> None:
        """Ends it. Raises Refused where there is none."""
        if not any(mixer.tested for mixer in self._mixers.values()):
            raise Refused(404, "Mixer not found")
        self._mixers = {name: mixer for name, mixer in self._mixers.items() if not mixer.tested}

    def push(self, wanted: Mapping[str, Any]) -> Push:
        """The new push of a published stream. Raises Refused, KeyError."""
        name, url = str(wanted["streamName"]), str(wanted["rtmpUrl"])
        there = urlsplit(url, allow_fragments=False)
        if there.scheme != "rtmp" or not there.hostname:
            raise Refused(400, "Bad request")
        if any((one.name, one.url) == (name, url) for one in self._pushes.values()):
            raise Refused(409, "Conflict")
        if name not in self._names():
            raise Refused(404, "Stream not found")
        arrives = there.path.rpartition("/")[2] if wanted.get("rtmpTransponderFullUrl") else f"rtmp_{name}"
        push = Push(f"push-{next(self._numbers)}", name, url, arrives if there.hostname in OWN else None)
        self._pushes[push.session_id] = push
        if push.mixer and push.mixer not in self._mixers:
            self._mixers[push.mixer] = Mixer(push.mixer, push.mixer)
        return push

    def end_push(self, wanted: Mapping[str, Any]) -> None:
        """Ends a push; a mixer whose last input it was ends with it. Raises Refused, KeyError."""
        push = self._pushes.pop(str(wanted["mediaSessionId"]), None)
        if push is None:
            raise Refused(404, "Not found")
        if push.mixer and not any(one.mixer == push.mixer for one in self._pushes.values()):
            self._mixers.pop(push.mixer, None)

    def pushes(self) -> list[dict[str, Any]]:
        """All pushes. Raises Refused where there is none."""
        return _any([push.describe() for push in self._pushes.values()])

    def describe(self) -> list[dict[str, Any]]:
        """All published streams as the REST API shows them."""
        return [{"name": name, "published": True, "status": "PUBLISHING"} for name in self._names()]

    # What the statistics page shows

    def counters(self) -> dict[str, int]:
        """How many there are of each kind."""
        arrived = sum(push.target is not None for push in self._pushes.values())
        found = {
            "streams_webrtc_in": len(self.published),
            "streams_rtmp_in": arrived,
            "streams_rtmp_out": len(self._pushes),
        }
        return {name: count for name, count in found.items() if count}

    def cost(self, per_stream: float, per_mixer: float) -> float:
        """Per cent of CPU that they cost together."""
        return per_stream * (len(self.published) + len(self._pushes)) + per_mixer * len(self._mixers)

    def degraded(self, load: float) -> float:
        """Per cent of the streams that a load (which may be above 100) is too much for."""
        return round(min(100.0, max(0.0, load - STRAIN)), 2) if self._mixers or self._pushes else 0.0

    def transcoding(self) -> dict[str, Any]:
        """The group `transcoding_stats`: an object for each stream that is transcoded."""
        names = [mixer.stream for mixer in self._mixers.values()]
        info = {name: {"codec": "H264", "width": 640, "height": 360} for name in names}
        return {"transcoding_video_full_info": info} if info else {}

    def _names(self) -> Iterator[str]:
        """The streams that are published."""
        yield from self.published
        yield from (push.target for push in self._pushes.values() if push.target)
        fed = {push.mixer for push in self._pushes.values()}
        yield from (mixer.stream for name, mixer in self._mixers.items() if self.empty or name in fed)


def _any(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not found:
        raise Refused(404, "Not found")
    return found


def _name(wanted: Mapping[str, Any]) -> str:
    uri = str(wanted["uri"])
    if not uri.startswith(URI) or uri == URI:
        raise Refused(500, "Internal error")
    return uri[len(URI) :]


def _whole(wanted: Mapping[str, Any], key: str) -> int:
    value = int(wanted[key])
    if not 1 <= value <= MOST:
        raise ValueError(key)
    return value
