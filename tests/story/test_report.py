"""The report in a real browser: of stacks of 0, 1 and 3 nodes that run, of one with 100, of one that is hostile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._report.facts import gather
from plugins.module_utils._report.page import page
from tests.support.browser import opened, widths
from tests.support.playbooks import ROOT, Stage, stage
from tests.support.report_facts import everything, forecast
from tests.support.reports import asked, deployed

SCREENS = (320, 390, 768, 1280)
HOSTILE = "</style><script>console.error(1)</script><img src=x onerror=console.error(2)>" + "W" * 300


def sound(report: Path) -> str:
    """The document as the browser has it: nothing on the console, nothing beyond the screen."""
    seen = opened(report)
    assert seen.console == []
    assert widths(report, SCREENS) == {screen: screen for screen in SCREENS}
    return seen.document


STACK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - webcallserver.aws.wcs_security_groups:
        vpc_id: "{{ wcs_vpc_id }}"
        groups:
          - name: wcs-node
            description: Open to everybody
            rules: [{proto: tcp, from_port: 1, to_port: 65535, cidrs: ["0.0.0.0/0"]}]
      register: open
    - webcallserver.aws.wcs_classic_elb:
        name: wcs
        subnets: "{{ wcs_subnets }}"
        security_group_ids: "{{ open.security_groups | map(attribute='group_id') }}"
    - webcallserver.aws.wcs_asg:
        name: wcs
        min_size: "{{ nodes }}"
        max_size: 4
        subnets: "{{ wcs_subnets }}"
        load_balancers: [wcs]
        launch:
          image_id: "{{ wcs_seed_image_id }}"
          instance_type: c5.large
          security_group_ids: "{{ open.security_groups | map(attribute='group_id') }}"
        scaling_policies:
          - {name: cpu, type: target_tracking, metric: cpu, target: 60}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab whose machines run."""
    with stage(tmp_path_factory.mktemp("lab")) as ready:
        yield ready


def give(running: Stage, nodes: int) -> None:
    """Gives the stack so many nodes, of the vendor's image, which has the stand-in already."""
    playbook = running.folder / "stack.yml"
    playbook.write_text(STACK)
    done = running.play(os.path.relpath(playbook.with_suffix(""), ROOT / "playbooks"), nodes=nodes)
    assert done.code == 0, done.failure or done.text


@pytest.mark.parametrize("nodes", [0, 1, 3])
def test_the_report_of_a_stack_that_runs(nodes: int, running: Stage, tmp_path: Path) -> None:
    give(running, nodes)
    report = tmp_path / "wcs.html"
    probe = {"wcs_report_probe": True, "wcs_report_hold": 0.5, "wcs_report_rate": 100}
    if not nodes:
        dry = running.play("report", "--check", wcs_report_dest=str(report))
        assert (dry.code, dry.changed, report.exists()) == (0, ["localhost: Write the report"], False), dry.failure
    done = running.play("report", wcs_report_dest=str(report), wcs_licence_limit=5, **probe)
    assert done.code == 0, done.failure or done.text
    assert done.changed == ["localhost: Write the report"]
    document = sound(report)
    assert f"{nodes} of {nodes}" in document
    assert "keeps average CPU" in document
    assert "AlarmHigh" in document
    if nodes:
        assert f"{nodes * 20} new sessions" in document
        assert "Nothing stands out." in document


def test_the_report_of_100_nodes(lab: Lab, aws: Callable[..., Any], tmp_path: Path) -> None:
    deployed(lab, aws, 100)
    answers = asked(lab, aws, lambda place: None if place % 10 == 3 else place)
    report = tmp_path / "wcs.html"
    report.write_text(page(gather(answers.stack, answers.statistics, answers.probe)))
    assert "100 of 100" in sound(report)


def test_the_report_of_a_hostile_stack(tmp_path: Path) -> None:
    def hostile(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hostile(part) for key, part in value.items()}
        if isinstance(value, list):
            return [hostile(part) for part in value]
        return value + HOSTILE if isinstance(value, str) else value

    report = tmp_path / "wcs.html"
    report.write_text(page(gather(*hostile(list(everything())))))
    assert "onerror" in sound(report)


@pytest.mark.parametrize("how", [(), ("--blink-settings=preferredColorScheme=0",)], ids=["light", "dark"])
def test_the_report_with_history_and_forecast(how: tuple[str, ...], tmp_path: Path) -> None:
    report = tmp_path / "wcs.html"
    report.write_text(page(gather(*everything(), forecast())))
    document = sound(report)
    assert document.count('class="trace') > 10
    assert opened(report, *how).console == []
    printed = tmp_path / "wcs.pdf"
    opened(report, f"--print-to-pdf={printed}")
    assert printed.stat().st_size > 1000


def test_the_browser_would_tell(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    text = page(gather(*everything()))
    bad.write_text(text.replace("</main>", "<script>1</script><p style='width: 2000px'>wide</p></main>"))
    assert len(opened(bad).console) == 2
    bad.write_text(text.replace("</main>", f"<table><tr><td class='nowrap'>{'W' * 300}</td></tr></table></main>"))
    assert widths(bad, (1280,))[1280] > 1280
