"""The documentation in a real browser: no page is wider than a screen or a phone, no code box hides its end."""

from __future__ import annotations

import subprocess

from tests.support.browser import layouts
from tests.support.playbooks import ROOT

HTML = ROOT / "build" / "docs" / "html"
SCREENS = (1280, 390)


def test_every_page_fits_a_screen_and_a_phone() -> None:
    subprocess.run([str(ROOT / "docs" / "build"), "html"], cwd=ROOT, check=True, timeout=300)
    pages = [page for page in sorted(HTML.rglob("*.html")) if "_static" not in page.parts]
    assert len(pages) > 30
    found = [one for at in range(0, len(pages), 12) for one in layouts(HTML, pages[at : at + 12], SCREENS)]
    assert len(found) == len(pages) * len(SCREENS)
    assert [(page, screen, wide) for page, screen, wide, _ in found if wide > screen] == []
    assert [(page, boxes) for page, _, _, boxes in found if boxes] == []
