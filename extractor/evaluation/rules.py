"""Every weight and threshold of the scorer, in one place; score cards carry a copy."""

from typing import Final

from pydantic import BaseModel, ConfigDict

SCORER_VERSION: Final = "1"
"""Raised whenever the same predictions could get another score than before."""

FIELDS: Final = (
    "method",
    "task",
    "datasets",
    "metric",
    "value",
    "baselines",
    "baseline_value",
    "delta",
    "outcome",
    "evidence",
)
FIGURE_FIELDS: Final = ("value", "baseline_value", "delta")
NAME_FIELDS: Final = ("method", "task", "metric")
LIST_FIELDS: Final = ("datasets", "baselines")


class ScoringRules(BaseModel):
    """How much each field weighs and from where on it counts as right.

    A field that is empty on both sides has no part in a comparison, so agreeing on nothing
    earns nothing.

    Attributes:
        weights: what each field adds to the similarity of two claims, before division by the
            sum over the fields that are filled on either side.
        right_from: the similarity from which a field counts as right in strict F1 and in the
            accuracy of the field; in a list, of every name. Those of names let agreeing ones
            pass, that of `task` allows for its free wording, that of `evidence` for a clause
            in place of its sentence.
        same_claim: the similarity from which two claims are taken for the same one; a pair
            below it is one missed and one false claim and earns no partial credit.
        part_of_claim: the similarity from which a leftover claim is taken for a part of a
            claim that is already paired (a split), or for one that swallowed it (a merge).
        number_only: credit for a figure whose number is right and whose unit is not.
        open_range: credit for a range of which only one end is right.
        wrong_direction: factor for a difference that points the wrong way.
        wrong_qualifier: factor for a figure whose qualifier differs.
        number_conflict: factor for names that differ in their numbers ("7B" and "70B").
        agreeing_name: credit for names that agree but for ordinary words of one of them.
        agree_from: the share of common words from which names may agree in this way.
        disagreeing_name: the most credit that other names which are not equal can get.
    """

    model_config = ConfigDict(frozen=True)

    weights: dict[str, float] = {
        "method": 2.0,
        "task": 0.5,
        "datasets": 1.5,
        "metric": 2.0,
        "value": 3.0,
        "baselines": 1.5,
        "baseline_value": 1.5,
        "delta": 3.0,
        "outcome": 1.0,
        "evidence": 1.5,
    }
    right_from: dict[str, float] = {
        "method": 0.9,
        "task": 0.25,
        "datasets": 0.9,
        "metric": 0.9,
        "value": 1.0,
        "baselines": 0.9,
        "baseline_value": 1.0,
        "delta": 1.0,
        "outcome": 1.0,
        "evidence": 0.25,
    }
    same_claim: float = 0.4
    part_of_claim: float = 0.4
    number_only: float = 0.3
    open_range: float = 0.5
    wrong_direction: float = 0.5
    wrong_qualifier: float = 0.9
    number_conflict: float = 0.5
    agreeing_name: float = 0.95
    agree_from: float = 0.6
    disagreeing_name: float = 0.85


DEFAULT_RULES: Final = ScoringRules()
