"""wcs_report: the file that it writes of what the lab answers, once, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from lab.core.lab import Lab
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._host.module import Change, Host
from plugins.modules.wcs_report import ARGUMENTS, plan
from tests.support.report_facts import everything
from tests.support.reports import asked, deployed


def report(dest: Path, **given: Any) -> Change:
    """What the module does, or in check mode would do."""
    checked = ArgumentSpecValidator(ARGUMENTS).validate({"dest": str(dest), **given})
    assert not checked.error_messages, checked.error_messages
    module = SimpleNamespace(tmpdir=str(dest.parent), atomic_move=lambda source, aim: Path(source).replace(aim))
    return plan(checked.validated_parameters, Host(module, False))


def done(change: Change) -> bool:
    """Does it; whether there was something to do."""
    if change.act:
        change.act()
    return change.act is not None


def test_of_what_the_lab_answers_it_is_written_once(lab: Lab, aws: Callable[..., Any], tmp_path: Path) -> None:
    deployed(lab, aws, 3)
    answers = asked(lab, aws)
    given = {"stack": answers.stack, "statistics": answers.statistics, "probe": answers.probe}
    dest = tmp_path / "wcs.html"
    change = report(dest, **given)
    assert (change.before, dest.exists()) == ("", False)
    assert done(change)
    assert dest.read_text(encoding="utf-8") == change.after
    assert change.returns == {"path": str(dest), "findings": []}
    for words in ("3 of 3", "127.77.250.1", "AlarmHigh", "wcs:burst:out", "Launching a new EC2 instance", "us-east-1c"):
        assert words in change.after
    assert not done(report(dest, **given))
    later = report(dest, **given, generated="2026-01-01 00:00 UTC")
    assert later.before == change.after
    assert done(later)


def test_a_stack_that_is_not_there_has_a_page_too(lab: Lab, aws: Callable[..., Any], tmp_path: Path) -> None:
    change = report(tmp_path / "wcs.html", stack=asked(lab, aws).stack)
    assert change.returns["findings"] == ["There is neither a group nor a balancer of the stack wcs."]


@pytest.mark.parametrize(
    ("dest", "words"),
    [(".", "it is a folder"), ("nowhere/wcs.html", "its folder does not exist"), ("file/wcs.html", "does not exist")],
)
def test_where_it_cannot_be_written(dest: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match=words):
        report(tmp_path / dest, stack=everything()[0])


def test_an_answer_of_another_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="what a task of wcs_stack_info registered"):
        report(tmp_path / "wcs.html", stack=everything()[1])


def test_whatever_was_in_the_file_is_replaced(tmp_path: Path) -> None:
    dest = tmp_path / "wcs.html"
    dest.write_bytes(b"\xff\x00\r\nnot a page")
    assert done(report(dest, stack=everything()[0]))
    assert dest.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
