"""An AWS that takes no time, with machines that exist in memory only.

`python tests/bench/imaginary.py 500`, with a clock 500 times as fast, prints what is there, and runs until its standard
input is closed.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab.core.clock import ScaledClock
from lab.core.delays import Delays
from lab.open import open_lab
from lab.run import inventory
from lab.run.server import Server

AT_ONCE = Delays(**dict.fromkeys(Delays.__dataclass_fields__, 0.0))


def main(speed: float) -> None:
    lab = open_lab(clock=ScaledClock(speed), delays=AT_ONCE)
    server = Server(lab, 0)
    over = threading.Event()

    def tick() -> None:
        while not over.wait(0.2):
            lab.tick()

    ticking = threading.Thread(target=tick)
    ticking.start()
    print(json.dumps(inventory.about(lab, server.url, speed, "none")), flush=True)
    sys.stdin.read()
    over.set()
    ticking.join()
    server.close()
    lab.close()


if __name__ == "__main__":
    main(float(sys.argv[1]))
