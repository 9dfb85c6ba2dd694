"""Every command of a guide is run by a test, or a table says why not; what a guide shows is what is shown."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support import guides

SCREENS = guides.ROOT / "tests" / "story" / "screens"
KINDS = {"shell", "text", "yaml"}


def known() -> list[str]:
    return [command for name in guides.ALL for command in guides.shell(name)] + guides.readme()


@pytest.mark.parametrize("name", [*guides.ALL, "README"])
def test_each_command_is_run_or_there_is_a_reason(name: str) -> None:
    run = {*guides.from_installed(), *guides.from_source()}
    found = guides.readme() if name == "README" else guides.shell(name)
    aside = {"aws sts get-caller-identity"}
    assert [one for one in found if one not in run | aside and not guides.exempt(one)] == []


def test_no_command_is_run_and_exempt() -> None:
    run = [*guides.from_installed(), *guides.from_source()]
    assert len(run) > 25
    assert [one for one in run if guides.exempt(one)] == []


def test_each_reason_is_of_a_command_that_is_there() -> None:
    assert [part for part in guides.EXEMPT if not any(part in command for command in known())] == []


@pytest.mark.parametrize("name", guides.ALL)
def test_code_is_of_a_known_kind_and_yaml_is_yaml(name: str) -> None:
    assert set(re.findall(r"\.\. code-block:: (\w+)", guides.guide(name))) <= KINDS
    assert re.findall(r"^ *::$|[^:]::$", re.sub(r"^ *\.\. .*", "", guides.guide(name), flags=re.M), re.M) == []
    for block in guides.blocks(guides.guide(name), "yaml"):
        assert yaml.safe_load(block), block


def test_a_block_is_found_whatever_its_indent() -> None:
    text = "#. One\n\n   .. code-block:: shell\n\n      one \\\n        two  # three\n\n      four\n\nmore\n"
    (block,) = guides.blocks(text, "shell")
    assert guides.commands(block) == ["one two", "four"]


def test_the_plan_in_the_guide_is_the_one_that_is_shown() -> None:
    shown, *_ = guides.blocks(guides.guide("deploy"), "text")
    like = re.sub(r"\bami-[0-9a-f]{17}\b", "<ami>", re.sub(r"\bwcs-[0-9a-f]{12}\b", "<image>", shown))
    assert like == (SCREENS / "one_changed_variable.txt").read_text(encoding="utf-8")
