from __future__ import annotations

from collections import Counter

from lab.core.corrections import REGISTRY
from lab.run.cli import _parser
from lab.run.list_corrections import README, written


def test_the_readme_lists_what_is_corrected():
    text = README.read_text()
    assert written(text) == text, "write it anew: python -m lab.run.list_corrections"


def test_every_correction_says_what_aws_does():
    unclear = [entry.place for entry in REGISTRY if not entry.sentence.endswith(".") or len(entry.sentence) < 20]
    assert unclear == []
    twice = [place for place, count in Counter((e.owner, e.method, e.sentence) for e in REGISTRY).items() if count > 1]
    assert twice == []


def test_the_readme_names_every_verb():
    usage = _parser().format_usage()
    verbs = usage[usage.index("up|") :].split()[0].split("|")
    assert len(verbs) == 7
    assert all(f"| `{verb}" in README.read_text() for verb in verbs)
