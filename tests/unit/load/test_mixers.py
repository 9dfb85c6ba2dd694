"""What is started on a node, and that all of it ends whenever that is cut off; what others started stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lab.wcs.core.streams import Refused, Streams
from plugins.module_utils._load.mixers import THERE, Post, end, starting
from plugins.module_utils._load.value import Load
from plugins.module_utils._nodes.fetch import BadAnswer

LOAD = Load(0, 2, 3, 60)


def calling(server: Streams, deaf: tuple[str, ...] = ()) -> Post:
    """The REST interface of a server; a `deaf` call is answered and does nothing."""
    acts: Mapping[str, Any] = {
        "/mixer/startup": lambda body: server.start_mixer(body).describe(),
        "/mixer/find_all": lambda _: server.mixers(),
        "/mixer/terminate": server.end_mixer,
        "/push/startup": lambda body: server.push(body).describe(),
        "/push/find_all": lambda _: server.pushes(),
        "/push/terminate": server.end_push,
    }

    def call(path: str, body: Mapping[str, Any], spared: int) -> Any:
        try:
            return None if path in deaf else acts[path](body)
        except Refused as refused:
            if refused.status == spared:
                return None
            raise BadAnswer(f"it answered {refused.status} to POST {path}") from None

    return call


def state(server: Streams) -> tuple[int, set[str]]:
    """How many pushes there are, and which streams are transcoded."""
    return server.counters().get("streams_rtmp_out", 0), set(
        server.transcoding().get("transcoding_video_full_info", ())
    )


def test_each_mixer_takes_in_its_streams() -> None:
    server = Streams()
    for path, body in starting(LOAD, None):
        calling(server)(path, body, THERE)
    assert state(server) == (6, {"wcs-load", "wcs-load-1", "wcs-load-2"})


def test_a_stream_that_is_named_is_pushed() -> None:
    server = Streams(published=["camera"], empty=False)
    for path, body in starting(LOAD, "camera"):
        calling(server)(path, body, THERE)
    assert state(server) == (6, {"wcs-load-1", "wcs-load-2"})


def test_where_there_is_no_stream_to_push_that_is_an_error() -> None:
    call = calling(Streams(empty=False))
    (first, body), (push, pushed), *_ = starting(LOAD, None)
    call(first, body, THERE)
    with pytest.raises(BadAnswer, match="404 to POST /push/startup"):
        call(push, pushed, THERE)


@pytest.mark.parametrize("made", range(8))
@pytest.mark.parametrize("rounds", [1, 2])
def test_whenever_it_is_cut_off_nothing_of_it_is_left_and_all_of_others(made: int, rounds: int) -> None:
    server = Streams(published=["camera"])
    server.start_mixer({"uri": "mixer://room", "localStreamName": "room"})
    server.push({"streamName": "camera", "rtmpUrl": "rtmp://elsewhere.example/live/wcs-load"})
    others = state(server)
    for _ in range(rounds):  # the second finds what the first left
        for path, body in list(starting(LOAD, None))[:made]:
            calling(server)(path, body, THERE)
    end(calling(server))
    assert state(server) == others
    end(calling(server))


def test_what_does_not_end_is_said() -> None:
    server = Streams()
    for path, body in starting(LOAD, None):
        calling(server)(path, body, THERE)
    with pytest.raises(BadAnswer, match="6 pushes and 3 mixers named wcs-load are still there"):
        end(calling(server, ("/push/terminate", "/mixer/terminate")))
