"""What a month takes: thirty days of minutes for five policies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MONTH = """
import json, math, random, re, time
from pathlib import Path
from plugins.modules.wcs_forecast import look
pick = random.Random(1)
def level(at):
    day = 900 * math.sin(at / 1440 * 2 * math.pi) * (0.4 if at // 1440 % 7 > 4 else 1)
    return max(0, round(1000 + day + pick.gauss(0, 40)))
load = [{"time": 1767225600 + 60 * at, "sessions": level(at)} for at in range(43200)]
def target(value, metric, **more):
    given = {"name": "t", "type": "target_tracking", "metric": metric, "target": value, "disable_scale_in": False}
    return {**given, **more}
out = {"name": "out", "type": "step", "steps": [{"lower_bound": 0, "adjustment": 2}],
       "alarm": {"metric": "cpu", "comparison": ">=", "threshold": 60}}
back = {"name": "in", "type": "step", "steps": [{"upper_bound": 0, "adjustment": -1}],
        "alarm": {"metric": "cpu", "comparison": "<=", "threshold": 30, "evaluation_periods": 10}}
variants = [
    {"name": "cpu 50", "scaling_policies": [target(50, "cpu")]},
    {"name": "cpu 70", "scaling_policies": [target(70, "cpu")]},
    {"name": "sessions", "scaling_policies": [target(70, "sessions")]},
    {"name": "steps", "scaling_policies": [out, back]},
    {"name": "steward", "scaling_policies": [target(60, "cpu", disable_scale_in=True)], "scale_in": "steward"},
]
begin = time.process_time()
found = look({"load": load, "group": {"min_size": 2, "max_size": 40}, "variants": variants, "sessions_per_node": 100,
              "cpu_per_session": 0.8, "session_seconds": {"p50": 300, "p95": 2400}})
seconds = time.process_time() - begin
memory = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"seconds": seconds, "memory": memory, "variants": len(found["variants"])}))
"""


@pytest.mark.long
def test_a_month_of_minutes_for_five_policies_takes_five_seconds_and_200_mib(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MONTH], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    found = json.loads(done.stdout)
    with capsys.disabled():
        print(f"\nthirty days, five policies: {found['seconds']:.1f} s, {found['memory']:.0f} MiB")
    assert found["variants"] == 5
    assert found["seconds"] <= 5
    assert found["memory"] <= 200
