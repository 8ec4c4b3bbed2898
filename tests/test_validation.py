from typing import Any

import pytest
from pydantic import ValidationError

from extractor.claims import Claim
from extractor.documents import Abstract
from extractor.errors import ConfigError
from extractor.grounding import GroundedText
from extractor.results import Problem
from extractor.validation import (
    CHECKS,
    Subject,
    content_key,
    is_mendable,
    require_checks,
    validate_claim,
)
from tests.samples import ABSTRACT, make_claim


def validate(
    abstract: Abstract = ABSTRACT,
    earlier: tuple[Claim, ...] = (),
    skip: tuple[str, ...] = (),
    **changes: Any,
) -> list[Problem]:
    claim = Claim.model_validate(make_claim(**changes))
    grounding = GroundedText(abstract).ground(claim)
    keys = frozenset(map(content_key, earlier))
    return validate_claim(Subject(claim, abstract, grounding, keys), skip)


def test_a_right_claim_has_no_problem() -> None:
    assert validate() == []


BROKEN: dict[str, dict[str, Any]] = {
    "quote": {"evidence": "FooNet reaches 92.1% accuracy"},
    "figure": {"value": {"number": 92.1, "unit": "%"}},
    "method": {"method": "  "},
    "result": {"value": None, "baseline_value": None, "outcome": "reported"},
    "figure-place": {"value": {"number": 3, "unit": "x"}, "baseline_value": None},
    "unit": {"value": {"number": 91.2, "unit": "points"}},
    "unit-place": {"value": {"number": 91.2, "unit": None}},
    "range": {"value": {"number": 91.2, "high": 88.0, "unit": "%"}},
    "delta": {
        "delta": {"number": 3, "unit": "points", "direction": "increase"},
        "value": {"number": 88, "unit": "%"},
    },
}


@pytest.mark.parametrize("check", BROKEN)
def test_each_check_finds_its_fault_and_can_be_switched_off(check: str) -> None:
    assert check in {problem.check for problem in validate(**BROKEN[check])}
    assert check not in {problem.check for problem in validate(skip=(check,), **BROKEN[check])}


def test_the_same_claim_twice_is_a_duplicate_wherever_its_quote_is_taken_from() -> None:
    earlier = Claim.model_validate(make_claim(evidence="FooNet reaches 91.2% accuracy"))
    (problem,) = validate(earlier=(earlier,))
    assert (problem.check, problem.severity) == ("duplicate", "error")


def test_every_check_is_covered_here() -> None:
    assert {*BROKEN, "duplicate"} == {check.name for check in CHECKS}


def test_only_what_another_answer_can_mend_is_worth_a_reask() -> None:
    (quote,) = validate(evidence="made up", value=None, baseline_value=None)
    assert is_mendable(quote)
    (result,) = validate(**BROKEN["result"])
    assert not is_mendable(result)
    (unit,) = validate(**BROKEN["unit"])
    assert (unit.severity, is_mendable(unit)) == ("error", True)
    assert unit.message.startswith(
        'value: the abstract prints 91.2 with another unit than "points"'
    )
    (doubt,) = validate(**BROKEN["unit-place"])
    assert (doubt.severity, is_mendable(doubt)) == ("warning", False)


def test_a_message_repeats_no_more_than_the_beginning_of_a_quote() -> None:
    (quote,) = validate(evidence="made up " * 1000)
    assert len(quote.message) < 400


def test_truth_values_are_no_numbers() -> None:
    for wrong in ({"number": True}, {"number": 1, "high": False}):
        with pytest.raises(ValidationError, match="not true or false"):
            Claim.model_validate(make_claim(value=wrong))


@pytest.mark.parametrize(
    ("value", "baseline", "delta"),
    [
        ((91.2, "%"), (88.0, "%"), (3.2, "points")),
        ((91.2, "%"), (88.0, "%"), (3.6, "%")),
        ((45.0, "hours"), (90.0, "hours"), (2, "x")),
        ((45.0, "hours"), (90.0, "hours"), (50, "%")),
    ],
)
def test_a_delta_that_follows_from_the_two_values_is_no_problem(
    value: tuple[float, str], baseline: tuple[float, str], delta: tuple[float, str]
) -> None:
    abstract = Abstract(
        id="1", text=ABSTRACT.text + " 45 hours, 90 hours, 50%, 3.2 points, 3.6%, 2x."
    )
    problems = validate(
        abstract,
        value={"number": value[0], "unit": value[1]},
        baseline_value={"number": baseline[0], "unit": baseline[1]},
        delta={"number": delta[0], "unit": delta[1], "direction": "decrease"},
    )
    assert "delta" not in {problem.check for problem in problems}


def test_an_unknown_check_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="no check 'quotes'; there are: quote, figure"):
        require_checks(["quotes"])
