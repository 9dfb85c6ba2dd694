"""Java agrees: what wcs_settings writes is read by java.util.Properties as given, and files of others as we do."""

from __future__ import annotations

import base64
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from plugins.module_utils._host import jvm, properties

JAVA = shutil.which("java")
LETTERS = "abz09._-  =:#!\\\t\f,;/'\"é€\u2028😀"
STOCK = "# Addresses\nip                     =212.3.130.192\ncodecs =opus,\\\n   ulaw\n"

pytestmark = pytest.mark.skipif(
    not JAVA, reason="not run: there is no Java here (apt-get install default-jdk-headless)"
)


def read(folder: Path, *texts: str) -> list[dict[str, str]]:
    """What Java reads in each text."""
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"{number}.properties")
        with files[-1].open("w", encoding="utf-8", newline="", errors="surrogateescape") as file:
            file.write(text)
    command = [str(JAVA), str(Path(__file__).with_name("Read.java")), *map(str, files)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    found: list[dict[str, str]] = [{}]
    for line in lines:
        if line == "end":
            found.append({})
        else:
            key, value = (base64.b64decode(word[1:]).decode("utf-16-be", "replace") for word in line.split(" "))
            found[-1][key] = value
    return found[:-1]


def words(rng: random.Random, least: int, most: int = 12) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(least, most)))


@pytest.mark.parametrize("seed", range(2))
def test_v6_v7_what_is_written_is_read_as_given_and_written_once(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    wanted: dict[str, str | None] = {words(rng, 1): words(rng, 0) for _ in range(250)}
    wanted |= {"record_dir": "D:\\rec\\", " key": " both ends ", "a:b": "c=d", "ip": "10.0.0.1"}
    text = properties.edited(STOCK, wanted)
    (java,) = read(tmp_path, text)
    assert {key: java.get(key) for key in wanted} == wanted
    assert java["codecs"] == "opus,ulaw"
    assert properties.edited(text, wanted) == text, "a second run changes nothing"
    changed = {key: words(rng, 0) for key in wanted}
    again = properties.edited(text, changed)
    (java,) = read(tmp_path, again)
    assert {key: java.get(key) for key in changed} == changed
    assert again.count("\n") == text.count("\n"), "a setting changes where it stands"


def test_files_of_others_are_read_as_java_reads_them(tmp_path: Path) -> None:
    rng = random.Random(3)
    # A line of a backslash alone is left out: Java reads it one way in the middle of a file and another way at its end.
    pieces = [
        "a",
        "b1",
        " ",
        "\t",
        "\f",
        "=",
        ":",
        "#",
        "!",
        "\\=",
        "\\\\",
        "\n",
        "\r\n",
        "\r",
        "a\\\n",
        "\\u00e9",
        "é",
    ]
    texts = ["".join(rng.choice(pieces) for _ in range(rng.randint(0, 40))) for _ in range(2000)]
    for text, java in zip(texts, read(tmp_path, *texts), strict=True):
        assert properties.settings_of(text) == java, repr(text)


OF_JAVA_8 = [
    *("-XX:MaxPermSize=256m", "-XX:PermSize=64m", "-XX:+AggressiveOpts", "-XX:+UseParNewGC", "-XX:+UseParallelOldGC"),
    *("-XX:+UseConcMarkSweepGC", "-XX:+CMSParallelRemarkEnabled", "-XX:CMSInitiatingOccupancyFraction=70", "-Xincgc"),
    *("-XX:+PrintGCDetails", "-XX:+PrintGCDateStamps", "-XX:+PrintGCTimeStamps", "-XX:+PrintGCApplicationStoppedTime"),
    *("-XX:+PrintTenuringDistribution", "-XX:+PrintHeapAtGC", "-XX:+PrintAdaptiveSizePolicy", "-XX:+PrintReferenceGC"),
    *("-XX:+PrintPromotionFailure", "-XX:+PrintClassHistogramBeforeFullGC", "-XX:+PrintSafepointStatistics"),
    *(
        "-XX:+UseGCLogFileRotation",
        "-XX:NumberOfGCLogFiles=10",
        "-XX:GCLogFileSize=10M",
        "-d64",
        "-XX:+UseSplitVerifier",
    ),
    *(
        "-XX:+TraceClassUnloading",
        "-XX:+UseFastAccessorMethods",
        "-XX:+UseCGroupMemoryLimitForHeap",
        "-XX:PrintFLSStatistics=1",
    ),
    *("-Djava.endorsed.dirs=/usr/lib", "-XX:ParallelCMSThreads=2"),
]
"""What files of options for Java 8 have, each of which keeps a later one from starting."""


def test_java_starts_with_what_is_kept_of_a_file_for_java_8(tmp_path: Path) -> None:
    said = subprocess.run([str(JAVA), "-version"], capture_output=True, text=True, check=True).stderr
    java = int(said.split('"')[1].split(".")[0])
    text = "".join(f"{option}\n" for option in [*OF_JAVA_8, f"-Xloggc:{tmp_path}/gc-", "-Xmx64m", "-Dkept=1"])
    options = jvm.options_of(jvm.fitted(text, ["-XX:+UseG1GC"], [], java))
    done = subprocess.run([str(JAVA), *options, "-version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"-Xmx64m", "-Dkept=1"} <= set(options)
