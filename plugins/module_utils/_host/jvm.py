# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`wcs-core.properties`: one option of the Java virtual machine a line, and what heap and collector fit a host.

Runs on a WCS host, with Python 3.9. The file is no properties file: WCS takes every line that begins with `-`. The line
`### SERVER OPTIONS ###` opens the options of the server itself, `### JVM OPTIONS ###` closes them; all other option
lines go to the virtual machine.

Rules: WCS's page on memory management (heap: half of the memory or more, `-Xms` = `-Xmx`; ZGC for large loads), the
JDK's release notes (CMS is gone since 14; the `PrintGC` options and `-Xloggc` became `-Xlog` in 9; ZGC needs no
unlocking since 15). A virtual machine ends at once when it is given an option it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SERVER_SECTION = "### SERVER OPTIONS ###"
JVM_SECTION = "### JVM OPTIONS ###"
COLLECTOR = re.compile(r"-XX:[+-]Use(?:ConcMarkSweep|ParNew|G1|Parallel|ParallelOld|Serial|Z|Shenandoah)GC$")
CMS_ONLY = re.compile(r"-XX:(?:[+-](?:UseCMS|CMS)\w*|CMS\w+=.*)$")
OLD_GC_LOG = (
    r"-Xloggc:|-XX:[+-](?:PrintGC|PrintTenuring|PrintHeapAtGC|PrintReferenceGC|PrintAdaptiveSize|PrintPromotionFailure|"
    r"PrintParallelOldGC|PrintClassHistogram\w+FullGC|Print(?:Old)?[PT]LAB|UseGCLogFile)|-XX:(?:NumberOfGCLogFiles|GCLogFileSize)="
)
GONE = (
    (8, re.compile(r"-XX:(?:Max)?PermSize=")),
    (9, re.compile(rf"{OLD_GC_LOG}|-Xincgc|-d(?:32|64)$|-Djava\.(?:endorsed|ext)\.dirs=")),
    (10, re.compile(r"-XX:[+-](?:UseCompressedStrings|UseFastAccessorMethods|UseSplitVerifier)$")),
    (11, re.compile(r"-XX:[+-]UseCGroupMemoryLimitForHeap$")),
    (12, re.compile(r"-XX:[+-](?:AggressiveOpts|PrintSafepointStatistics)$")),
    (
        14,
        re.compile(
            rf"{CMS_ONLY.pattern}|-XX:(?:ParallelCMSThreads|PrintFLSStatistics)=|-XX:[+-]Use(?:ConcMarkSweep|ParNew)GC$"
        ),
    ),
    (15, re.compile(r"-XX:[+-]UseParallelOldGC$")),
    (17, re.compile(r"-XX:[+-]TraceClass(?:Unl|L)oading$")),
)
"""Options by the version of Java from which on they are of no use: it ignores them, or does not start."""
COME = ((9, re.compile(r"-Xlog:|--")),)
"""Options by the version of Java before which it does not start with them."""
REPEATED = re.compile(
    r"(?:--(?:add-\w+|patch-module|enable-native-access)\b|-XX:CompileCommand=|-(?:[ed]a|verbose):).*"
    r"|-(?:javaagent|agentlib|agentpath):[^=]*"
)
"""What may be given several times, of which each counts."""
SAME = {"-XX:MaxHeapSize": "-Xmx", "-XX:InitialHeapSize": "-Xms", "-XX:ThreadStackSize": "-Xss"}
HEAP = ("-Xms", "-Xmx", "-XX:InitialRAMPercentage", "-XX:MaxRAMPercentage")
SIZE = re.compile(r"^[1-9][0-9]*[kKmMgG]$")
SHARE = re.compile(r"^[1-9][0-9]?%$")
UNITS = {unit: 1024**power for power, unit in enumerate(["", "k", "m", "g", "t"])}
SMALLEST_FOR_ZGC = 4096
GRAIN = 128


@dataclass(frozen=True)
class JavaHost:
    """What decides: memory in MiB, and the major version of Java (None: no Java was found)."""

    memory: int
    java: int | None


def heap_options(heap: str, host: JavaHost) -> list[str]:
    """The options for a heap: `auto` (half of the memory, in steps of 128 MiB), a size (`4g`), or a share (`50%`).

    A share follows the memory of whichever machine the image is started on. [] for `keep`.
    """
    if heap == "keep":
        return []
    if heap.endswith("%"):
        share = heap[:-1]
        return [f"-XX:InitialRAMPercentage={share}", f"-XX:MaxRAMPercentage={share}"]
    size = f"{max(host.memory // 2 // GRAIN, 1) * GRAIN}m" if heap == "auto" else heap
    return [f"-Xms{size}", f"-Xmx{size}"]


def collector(wanted: str, heap: int, java: int | None) -> str:
    """The garbage collector for a heap of so many MiB: `g1`, `zgc`, `cms`, or `keep` where Java is not known.

    `auto` takes ZGC for large heaps where Java has it ready (15), CMS on Java 8, else G1.
    """
    if wanted != "auto":
        return wanted
    if java is None:
        return "keep"
    if java >= 15 and heap >= SMALLEST_FOR_ZGC:
        return "zgc"
    return "cms" if java <= 8 else "g1"


def collector_options(name: str, java: int | None) -> list[str]:
    """The options that choose this collector."""
    if name == "keep":
        return []
    unlock = ["-XX:+UnlockExperimentalVMOptions"] if name == "zgc" and java is not None and java < 15 else []
    return [*unlock, {"g1": "-XX:+UseG1GC", "zgc": "-XX:+UseZGC", "cms": "-XX:+UseConcMarkSweepGC"}[name]]


def collector_problem(name: str, java: int | None) -> str | None:
    """Why this Java cannot use this collector, or None."""
    if java is None or name in ("keep", "auto"):
        return None
    if name == "cms" and java >= 14:
        return f"Java {java} has no CMS collector (removed in 14)"
    if name == "zgc" and java < 11:
        return f"Java {java} has no ZGC (new in 11)"
    return None


def heap_of(options: Iterable[str], host: JavaHost) -> int:
    """The largest heap in MiB that these options allow; half of the memory when they say nothing."""
    for option in options:
        if match := re.match(r"(?:-Xmx|-XX:MaxHeapSize=)(\d+)([kKmMgGtT]?)$", option):
            return int(match[1]) * UNITS[match[2].lower()] // UNITS["m"]
        if match := re.match(r"-XX:MaxRAMPercentage=(\d+(?:\.\d*)?)$", option):
            return int(host.memory * float(match[1]) / 100)
    return host.memory // 2


def name_of(option: str) -> str:
    """What an option sets, whatever it sets it to: two options of one name replace each other."""
    if match := REPEATED.match(option):
        return match[0]
    if match := re.match(r"(-X(?:mx|ms|mn|ss))", option):
        return match[1]
    if match := re.match(r"-XX:[+-](\w+)", option):
        return f"-XX:{match[1]}"
    if option.startswith("-Xlog:"):
        return ":".join(option.split(":")[:2])
    name = option.partition("=")[0] if option.startswith("-XX:") else re.split(r"[=:]", option, maxsplit=1)[0]
    return SAME.get(name, name)


def options_of(text: str) -> list[str]:
    """Every option of the virtual machine, in order; those of the server section are not among them."""
    return [line.strip() for line, mine in _lines(text) if mine and line.startswith("-")]


def fitted(text: str, add: Sequence[str], remove: Iterable[str], java: int | None) -> str:
    """The file with these options in the place of those of the same name, new ones at the end of their section.

    An option that `remove` names, that contradicts the collector now chosen, or that this Java does not know is
    dropped; the log of the collector goes on in the form that this Java takes.
    """
    wanted = {name_of(option): option for option in [*_gc_log(options_of(text), java), *add]}
    removed = list(remove)
    dropped = {name_of(option) for option in removed} | set(wanted)
    chosen = [option for option in wanted.values() if COLLECTOR.match(option)]
    kept: list[tuple[str, bool]] = []
    for line, mine in _lines(text):
        option = line.strip()
        if not mine or not option.startswith("-"):
            kept.append((line, mine))
        elif (new := wanted.pop(name_of(option), None)) is not None:
            kept.append((line if line.rstrip("\n") == new else f"{new}\n", mine))
        elif name_of(option) not in dropped and not _repeats(option, removed) and not _contradicts(option, chosen):
            kept += [(line.replace("\r\n", "\n"), mine)] if _known(option, java) else []
    at = _end_of_section(kept)
    before = "".join(line for line, _ in kept[:at])
    broken = "\n" if wanted and before and not before.endswith("\n") else ""
    return "".join([before, broken, *(f"{option}\n" for option in wanted.values()), *(line for line, _ in kept[at:])])


def _repeats(option: str, removed: Iterable[str]) -> bool:
    """Whether it is one of several of a name that is to be removed."""
    return bool(REPEATED.match(option)) and any(option.startswith((f"{one}=", f"{one}:", f"{one} ")) for one in removed)


def _lines(text: str) -> list[tuple[str, bool]]:
    """Each line as it stands, with whether it lies in the part for the virtual machine."""
    found, mine = [], True
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        if line.strip() == SERVER_SECTION:
            mine = False
        elif line.strip() == JVM_SECTION:
            mine = True
        found.append((line, mine))
    return found


def _end_of_section(lines: Sequence[tuple[str, bool]]) -> int:
    """Where a new option goes: after the last one of the virtual machine, else after its marker, else at the end."""
    options = [index for index, (line, mine) in enumerate(lines) if mine and line.startswith("-")]
    markers = [index for index, (line, _) in enumerate(lines) if line.strip() == JVM_SECTION]
    if options or markers:
        return max(options[-1:] + markers[-1:]) + 1
    server = [index for index, (line, _) in enumerate(lines) if line.strip() == SERVER_SECTION]
    return server[0] if server else len(lines)


def _contradicts(option: str, chosen: Sequence[str]) -> bool:
    """Whether the option belongs to another collector than the one chosen."""
    if not chosen:
        return False
    return bool(COLLECTOR.match(option)) or (bool(CMS_ONLY.match(option)) and "-XX:+UseConcMarkSweepGC" not in chosen)


def _known(option: str, java: int | None) -> bool:
    """Whether a virtual machine of this version starts with the option."""
    if java is None:
        return True
    gone = any(java >= since and pattern.match(option) for since, pattern in GONE)
    return not gone and not any(java < since and pattern.match(option) for since, pattern in COME)


def _gc_log(options: Sequence[str], java: int | None) -> list[str]:
    """The collector's log in the form that this Java takes, where the file has it in the other one."""
    if java is None:
        return []
    if java >= 9:
        old = next((option for option in options if option.startswith("-Xloggc:")), None)
        return [f"-Xlog:gc*:{old.partition(':')[2]}"] if old else []
    new = next((option for option in options if option.startswith("-Xlog:gc")), None)
    if new is None:
        return []
    path = new.split(":")[2].replace("file=", "", 1) if new.count(":") >= 2 else ""
    return [f"-Xloggc:{path}", "-XX:+PrintGCDetails"] if path else ["-XX:+PrintGCDetails"]
