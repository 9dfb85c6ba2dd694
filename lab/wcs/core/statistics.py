# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statistics page: what is counted, and its two dialects."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Collection, Mapping
from typing import Any

from .streams import Streams

Counters = Mapping[str, Any]

HEADERS = {
    "connections_stats": "Connection",
    "port_stats": "Port",
    "streams_stats": "Stream",
    "native_resources": "Native_resources",
    "core_stats": "Core",
    "system_stats": "System",
}
"""Group in JSON to header in text."""

STREAMS = (
    *("streams_rtsp_in", "streams_rtsp_out", "streams_websocket_out", "streams_rtmp_in", "streams_rtmp_out"),
    *("streams_webrtc_in", "streams_webrtc_out", "streams_rtmfp_in", "streams_rtmfp_out", "streams_viewers"),
    "streams_synchronization",
)


def load(sessions: int, idle: float, per_session: float, streams: float) -> float:
    """Per cent, also above 100: a model, in which every session costs the same; `streams` is what those cost."""
    return idle + per_session * sessions + streams


def counted(sessions: int, load: float, memory: int, streams: Streams) -> dict[str, Counters]:
    """All groups and counters; `memory` in bytes."""
    cpu = round(min(100.0, load), 2)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "connections_stats": {
            "connections": sessions,
            "connections_rtmfp": 0,
            "connections_websocket": sessions,
        },
        "port_stats": {
            "ports_media_free": 499,
            "ports_media_busy": 0,
            "ports_media_quarantine": 0,
            "ports_wcs_agents_free": 998,
            "ports_wcs_agents_busy": 0,
            "ports_wcs_agents_quarantine": 0,
        },
        "streams_stats": {
            **dict.fromkeys(STREAMS, 0),
            **streams.counters(),
            "degraded_streams_percent": streams.degraded(load),
        },
        "native_resources": {"native_resources": 0},
        "core_stats": {
            "core_threads": 64,
            "core_java_threads": 64,
            "core_java_threads_blocked": 0,
            "core_java_committedMemory": used,
            "core_java_freePhysicalMemorySize": max(0, memory - used),
        },
        "system_stats": {
            "system_java_cpu_usage": cpu,
            "system_cpu_usage": cpu,
            "system_load_average": round(os.getloadavg()[0], 2),
            "system_memory_total": memory,
            "system_memory_free": max(0, memory - used),
        },
        "transcoding_stats": streams.transcoding(),
    }


def chosen(groups: Mapping[str, Counters], names: Collection[str]) -> dict[str, Counters]:
    """The groups asked for; all when none is named."""
    return {name: counters for name, counters in groups.items() if not names or name in names}


def as_text(groups: Mapping[str, Counters]) -> bytes:
    """The default dialect: a header of dashes and a word for each group, then a line a counter."""
    lines = []
    for group, counters in groups.items():
        if group in HEADERS:
            lines.append(f"-----{HEADERS[group]} info-----")
            lines += [f"{name}={value}" for name, value in counters.items()]
    return "\n".join([*lines, ""]).encode()


def as_json(groups: Mapping[str, Counters]) -> bytes:
    """The dialect of `format=json`."""
    return json.dumps(groups).encode()
