"""Several runs in one world, a call at a time: a seed draws who is next, so that it tells one interleaving for good."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lab.api.inprocess import clients
from plugins.module_utils._core.errors import Failure
from tests.faults.sites import World


class Turns:
    """One runner moves at a time; at each of its calls, when all the others stand still, the next is drawn."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._changed = threading.Condition()
        self._running: set[int] = set()
        self._waiting: set[int] = set()
        self._drawn: int | None = None

    def all(self, jobs: Sequence[Callable[[int], Any]]) -> list[Any]:
        """What each job returned, or the exception it ended with; a job is told its number, for its turns."""
        results: list[Any] = [None] * len(jobs)
        self._running = set(range(len(jobs)))

        def run(number: int) -> None:
            try:
                self.take(number)
                results[number] = jobs[number](number)
            except BaseException as error:
                results[number] = error
            finally:
                with self._changed:
                    self._running.discard(number)
                    self._draw()

        threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a runner hangs"
        return results

    def take(self, number: int) -> None:
        """Returns when it is the turn of this runner."""
        with self._changed:
            self._waiting.add(number)
            self._draw()
            self._changed.wait_for(lambda: self._drawn == number, 60)
            self._drawn = None
            self._waiting.discard(number)

    def _draw(self) -> None:
        if self._running and self._waiting == self._running and self._drawn is None:
            self._drawn = self._random.choice(sorted(self._waiting))
            self._changed.notify_all()


@dataclass
class _Taking:
    client: Any
    turns: Turns
    number: int

    def _make_api_call(self, operation: str, args: Any) -> Any:
        self.turns.take(self.number)
        return self.client._make_api_call(operation, args)


def at_once(world: World, runs: Sequence[tuple[Any, dict[str, Any]]], seed: int) -> list[Any]:
    """What runs of modules with these options end with, when they are made at the same time."""
    turns, make = Turns(seed), clients(world.lab)

    def job(module: Any, options: dict[str, Any]) -> Callable[[int], Any]:
        def run(number: int) -> Any:
            bench = world.bench_by(module, lambda service, region: _Taking(make(service, region), turns, number))
            try:
                return bench.run(**options)
            except Failure as failure:
                return failure

        return run

    return turns.all([job(module, options) for module, options in runs])
