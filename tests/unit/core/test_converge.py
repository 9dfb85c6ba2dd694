"""Plans on a toy domain: a jar that holds letters. One step adds or takes one letter; a lid must be open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

import tests.unit.core.test_converge as jar
from plugins.module_utils._core.converge import Patience, converge, course
from plugins.module_utils._core.errors import AlreadyThere, Call, Failure, Interrupted, LostReply, Refusal
from plugins.module_utils._core.step import Move, Ref, Step, Wait, WaitState, means, steps_of


@dataclass(frozen=True)
class Jar:
    letters: frozenset[str] = frozenset()
    lid: str = "open"


def refuse(_have: Jar, want: frozenset[str] | None) -> Refusal | None:
    return Refusal("fill", "jar", "j", "x is no letter for jars", "Leave it out") if want and "x" in want else None


def complete(_have: Jar, want: frozenset[str] | None) -> frozenset[str] | None:
    return want


def moves(have: Jar, want: frozenset[str] | None) -> Sequence[Move]:
    if have.lid == "opening":
        return (Wait("the lid", "open"),)
    return [step("Add", letter) for letter in sorted((want or frozenset()) - have.letters)] + [
        step("Take", letter) for letter in sorted(have.letters - (want or frozenset()))
    ]


def step(operation: str, letter: str) -> Step:
    return Step("jar", operation, ("letter", letter), {"Letter": letter}, exists=("Inside",), not_yet=("Sticky~wait",))


def foresee(have: Jar, step: Step) -> Jar:
    letter = {step.args["Letter"]}
    return replace(have, letters=have.letters | letter if step.operation == "Add" else have.letters - letter)


def settle(have: Jar, _wait: Wait) -> Jar:
    return replace(have, lid="open")


def show(have: Jar) -> dict[str, Any] | None:
    return {"letters": sorted(have.letters)} if have.letters else None


@dataclass
class Time:
    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.seconds += seconds


@dataclass
class Shelf:
    """The world: a jar, and what it answers to the next writes."""

    jar: Jar
    time: Time = field(default_factory=Time)
    answers: list[Callable[[Step], None]] = field(default_factory=list)
    opens_at: float = 0.0
    hopeless: Refusal | None = None
    writes: list[str] = field(default_factory=list)
    reads: int = 0

    def read(self) -> Jar:
        self.reads += 1
        return self.jar

    def look(self, _wait: Wait) -> WaitState:
        if self.time.now() >= self.opens_at and self.hopeless is None:
            self.jar = replace(self.jar, lid="open")
        return WaitState(self.jar.lid == "open", f"the lid is {self.jar.lid}", self.hopeless)

    def write(self, step: Step, _known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        self.writes.append(f"{step.operation} {step.args['Letter']}")
        if self.answers:
            self.answers.pop(0)(step)
        self.jar = foresee(self.jar, step)
        return {}

    def run(self, want: str | None, **options: Any) -> Any:
        return converge(jar, self, None if want is None else frozenset(want), clock=self.time, **options)


def fails(code: str, reason: str = "no") -> Callable[[Step], None]:
    def answer(_step: Step) -> None:
        raise Failure(Refusal("add", "letter", "", reason, "Try"), Call("jar", "Add", code, "r-1"))

    return answer


def test_course_is_the_whole_list_and_where_it_ends() -> None:
    found, end = course(jar, Jar(frozenset("a"), "opening"), frozenset("bc"))
    assert [move.what if isinstance(move, Wait) else move.subject[1] for move in found] == ["the lid", "b", "c", "a"]
    assert end == Jar(frozenset("bc"))


def test_check_mode_writes_nothing_and_says_all() -> None:
    shelf = Shelf(Jar(frozenset("a")))
    outcome = shelf.run("ab", check=True)
    assert (outcome.actions, outcome.changed, shelf.writes) == (["jar:Add"], True, [])
    assert (outcome.before, outcome.after) == ({"letters": ["a"]}, {"letters": ["a", "b"]})


def test_a_run_does_what_check_mode_said_and_a_second_nothing() -> None:
    shelf = Shelf(Jar())
    foreseen = shelf.run("ab", check=True)
    done = shelf.run("ab")
    assert (done.steps, done.after) == (foreseen.steps, foreseen.after)
    again = shelf.run("ab")
    assert (again.changed, again.steps) == (False, ())
    assert shelf.run(None).actions == ["jar:Take", "jar:Take"]
    assert shelf.run(None).changed is False


def test_nothing_to_do_costs_one_read() -> None:
    shelf = Shelf(Jar(frozenset("a")))
    shelf.run("a")
    assert shelf.reads == 1


def test_refused_before_the_first_call() -> None:
    shelf = Shelf(Jar())
    with pytest.raises(Failure, match=r"^Cannot fill jar 'j': x is no letter for jars\. Leave it out\.$"):
        shelf.run("ax", check=True)
    assert shelf.writes == []


def test_waits_are_polled_until_done_or_hopeless_or_late() -> None:
    opening = Jar(frozenset(), "opening")
    assert Shelf(opening, opens_at=30).run("a").after == {"letters": ["a"]}
    late = Shelf(opening, opens_at=1000)
    with pytest.raises(Failure, match=r"not open within wait_timeout \(60 s\); last seen: the lid is opening"):
        late.run("a", patience=Patience(timeout=60))
    assert 60 <= late.time.now() < 70
    stuck = Shelf(opening, hopeless=Refusal("open", "lid", "", "it is glued", "Break it"))
    with pytest.raises(Failure, match="it is glued"):
        stuck.run("a")
    assert stuck.time.now() == 0


def test_a_wait_that_nothing_follows_is_left_out_when_not_wanted() -> None:
    full = Shelf(Jar(frozenset("a"), "opening"), opens_at=1000)
    assert full.run("a", wait=False).changed is False
    needed = Shelf(Jar(frozenset(), "opening"), opens_at=30)
    assert needed.run("a", wait=False).changed
    assert needed.time.now() >= 30


def test_not_yet_is_asked_again_until_the_deadline() -> None:
    shelf = Shelf(Jar(), answers=[fails("Sticky", "please wait"), fails("Sticky", "please wait")])
    assert shelf.run("a").actions == ["jar:Add"]
    assert shelf.writes == ["Add a"] * 3
    never = Shelf(Jar(), answers=[fails("Sticky", "please wait")] * 1000)
    with pytest.raises(Failure, match="please wait"):
        never.run("a", patience=Patience(timeout=60))
    assert never.time.now() <= 60


def test_another_failure_ends_the_run_and_tells_what_was_written() -> None:
    shelf = Shelf(Jar(), answers=[lambda _step: None, fails("Sticky", "other text")])
    with pytest.raises(Failure, match="other text") as caught:
        shelf.run("ab")
    assert caught.value.actions == ["jar:Add"]
    assert shelf.run("ab").actions == ["jar:Add"]


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_lost_reply_is_answered_by_reading_again(took_effect: bool) -> None:
    shelf = Shelf(Jar())

    def lose(step: Step) -> None:
        if took_effect:
            shelf.jar = foresee(shelf.jar, step)
        raise LostReply(Failure(Refusal("add", "letter", "a", "the connection was cut", "Run again")))

    shelf.answers = [lose]
    assert shelf.run("ab").after == {"letters": ["a", "b"]}
    assert shelf.writes.count("Add a") == (1 if took_effect else 2)


def test_what_stays_invisible_is_reported_with_its_reason() -> None:
    def there(_step: Step) -> None:
        raise AlreadyThere(Failure(Refusal("add", "letter", "a", "it is inside", "Look"), Call("jar", "Add", "Inside")))

    shelf = Shelf(Jar(), answers=[there] * 100)
    with pytest.raises(Failure, match="it is inside"):
        shelf.run("a")
    assert len(shelf.writes) == Patience().rounds


def test_a_domain_without_rest_is_a_defect() -> None:
    class Restless:
        refuse, complete, settle, show = (
            staticmethod(refuse),
            staticmethod(complete),
            staticmethod(settle),
            staticmethod(show),
        )
        moves = staticmethod(lambda _have, _want: (step("Add", "a"),))
        foresee = staticmethod(foresee)

    with pytest.raises(RuntimeError, match="no end in sight"):
        course(Restless, Jar(), frozenset("a"))  # type: ignore[arg-type]


def test_codes_may_want_a_text() -> None:
    failure = Failure(Refusal("", "", "", "Please WAIT a bit", ""), Call("jar", "Add", "Sticky"))
    assert means(failure, ["Sticky~wait"])
    assert means(failure, ["Other", "Sticky"])
    assert not means(failure, ["Sticky~gone", "Other~wait"])


def test_actions_name_the_region() -> None:
    assert Step("ec2", "CopyImage", ("image", "a"), {}, region="eu-west-1").action == "ec2:CopyImage@eu-west-1"
    assert steps_of([Wait("a", "b"), step("Add", "a")]) == (step("Add", "a"),)


def test_an_interruption_says_what_was_written_the_last_perhaps_unheard() -> None:
    def answer(_step: Step) -> None:
        raise Interrupted("SIGINT")

    shelf = Shelf(Jar(), answers=[lambda _: None, answer])
    with pytest.raises(Interrupted) as end:
        shelf.run("abc")
    assert end.value.actions == ["jar:Add", "jar:Add"]
    assert str(end.value.failure).startswith("Cannot finish this run: it was interrupted (SIGINT). Run it again")


def test_an_end_that_is_seen_and_then_not_takes_time_alone() -> None:
    class Flickering(Shelf):
        def read(self) -> Jar:
            return replace(super().read(), lid="open" if self.time.now() > 40 else "opening")

    shelf = Flickering(Jar())
    assert shelf.run("a").after == {"letters": ["a"]}
    assert shelf.writes == ["Add a"]
    with pytest.raises(Failure, match="still differs"):
        Flickering(Jar()).run("a", patience=Patience(timeout=20))
