"""Recurrences: what AWS would refuse is refused, what is undecided is left to it."""

from __future__ import annotations

import random

import pytest

from plugins.module_utils._core.cron import DAYS, FIELDS, MONTHS, NAMES, Undecided, parse, problem

RANGES = [(least, most) for _, least, most in FIELDS]


@pytest.mark.parametrize(
    "usual",
    [
        "0 8 * * 1-5",
        "*/5 * * * *",
        "30 6 1 JAN,JUL *",
        "0 0 * * mon-fri",
        "0 0 * * 7",
        "0 0 15 * MON",
        "5-59/10 0,12 * * *",
    ],
)
def test_what_people_write_is_taken(usual: str) -> None:
    assert problem(usual) is None
    assert parse(usual)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("part", ["?", "L", "1W", "1#2", "5L", "5-3", "*/0"])
def test_what_some_crons_have_is_left_to_aws(part: str, place: int) -> None:
    fields = ["*"] * 5
    fields[place] = part
    assert problem(" ".join(fields)) is None
    with pytest.raises(Undecided):
        parse(" ".join(fields))


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("part", ["x", "8am", "-1", "1.5", "@", "1,,2", "MONDAY", "*/x", "", "*/", "1/", "1-2-3"])
def test_what_is_no_number_is_refused(part: str, place: int) -> None:
    fields = ["*"] * 5
    fields[place] = part
    assert problem(" ".join(fields)), part


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("name", [*MONTHS, *DAYS])
def test_names_have_their_field(name: str, place: int) -> None:
    """JUL and WED have letters, too, that some crons take for more than a name."""
    fields = ["*"] * 5
    fields[place] = name
    said = problem(" ".join(fields))
    if name in NAMES.get(FIELDS[place][0], {}):
        assert said is None
    else:
        assert said == f"is no cron expression: in the field of the {FIELDS[place][0]}, '{name}' is no number"


@pytest.mark.parametrize("seed", range(200))
def test_each_number_has_its_limits(seed: int) -> None:
    """Whatever is refused is no expression to the parser either; one number beyond its limits always is."""
    rng = random.Random(seed)
    fields = [str(rng.randint(low, high)) for low, high in RANGES]
    assert problem(" ".join(fields)) is None
    place = rng.randrange(5)
    low, high = RANGES[place]
    fields[place] = rng.choice([str(high + rng.randint(1, 50)), *([str(low - 1)] if low else [])])
    wrong = " ".join(fields)
    assert f"is not {low} to {high}" in str(problem(wrong))
    with pytest.raises(ValueError, match=f"is not {low} to {high}"):
        parse(wrong)
