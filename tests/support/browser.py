"""A page opened in Chromium: what it writes to the console, and what of it is wider than the screen."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--v=0",
)
LAYOUT = """<!doctype html><meta charset="utf-8"><body><script>
addEventListener("load", () => {
  const scrolls = box => ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
  const clipped = box => box.scrollWidth > box.clientWidth && !scrolls(box);
  const found = [...document.querySelectorAll("iframe")].map(frame => {
    const inner = frame.contentDocument;
    const boxes = [...inner.querySelectorAll("pre")].filter(clipped).map(box => box.textContent.slice(0, 60));
    return [frame.dataset.page, Number(frame.width), inner.documentElement.scrollWidth, boxes];
  });
  document.body.innerHTML = "<pre></pre>";
  document.querySelector("pre").textContent = JSON.stringify(found);
});
</script>%s"""
MEASURE = """<!doctype html><meta charset="utf-8"><body><script>
addEventListener("load", () => {
  const frames = [...document.querySelectorAll("iframe")];
  const told = frames.map(frame => [frame.width, frame.contentDocument.documentElement.scrollWidth]);
  document.body.innerHTML = `<pre>${JSON.stringify(Object.fromEntries(told))}</pre>`;
});
</script>%s"""


@dataclass(frozen=True)
class Opened:
    """What became of a page."""

    console: Sequence[str]
    document: str


def opened(page: Path, *options: str) -> Opened:
    """Opens the page, without any network. Its profile is a folder beside it."""
    program = shutil.which("chromium")
    assert program, "Chromium is not installed: apt-get install chromium"
    profile = page.with_suffix(".profile")
    done = subprocess.run(
        [program, *QUIET, *options, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "HOME": str(page.parent)},
    )
    shutil.rmtree(profile, ignore_errors=True)
    assert done.returncode == 0, done.stderr
    assert "</html>" in done.stdout, done.stderr
    return Opened(re.findall(r":CONSOLE[:(].*", done.stderr), done.stdout)


def widths(page: Path, screens: Sequence[int]) -> Mapping[int, int]:
    """How wide the page is on screens so wide; more than the screen means that it has to be pushed sideways."""
    frames = "".join(f'<iframe src="{page.name}" width="{screen}" height="800"></iframe>' for screen in screens)
    around = page.with_name(f"{page.stem}-around.html")
    around.write_text(MEASURE % frames)
    answer = re.search(r"<pre>(.*)</pre>", opened(around, "--allow-file-access-from-files").document)
    assert answer, "the page was not measured"
    return {int(screen): wide for screen, wide in json.loads(answer[1]).items()}


def layouts(folder: Path, pages: Sequence[Path], screens: Sequence[int]) -> list[tuple[str, int, int, list[str]]]:
    """Of each page on each screen: its name, the screen's width, the page's, and the code boxes that hide their end."""
    frames = "".join(
        f'<iframe data-page="{page.name}" src="{page.relative_to(folder)}" width="{screen}" height="800"></iframe>'
        for page in pages
        for screen in screens
    )
    around = folder / "layouts.html"
    around.write_text(LAYOUT % frames)
    found = re.search(r"<pre>(.*)</pre>", opened(around, "--allow-file-access-from-files").document, re.DOTALL)
    assert found, "the pages were not measured"
    return [tuple(one) for one in json.loads(html.unescape(found[1]))]
