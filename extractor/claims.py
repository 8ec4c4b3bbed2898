"""The claim schema: what a model answers, in pydantic models.

The descriptions of the fields are written for the model that reads them. The names are the
contract of the whole project: answers, stores, gold labels and scores use the same ones.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

Qualifier = Literal["exact", "about", "at_least", "at_most", "up_to"]
Direction = Literal["increase", "decrease"]
Outcome = Literal["better", "worse", "similar", "mixed", "reported"]


def _close_object(schema: dict[str, Any]) -> None:
    """List every property as required and allow no others, as strict structured output wants."""
    schema["required"] = list(schema["properties"])
    schema["additionalProperties"] = False
    for definition in schema["properties"].values():
        definition.pop("default", None)


def _shorten(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _clean_name(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _clean_optional_name(value: object) -> object:
    return _clean_name(value) or None


def _clean_names(value: object) -> object:
    if value is None:
        return []
    if isinstance(value, list):
        return [name for name in map(_clean_name, value) if name != ""]
    return value


def _refuse_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number is expected, not true or false")
    return value


Number = Annotated[
    float,
    BeforeValidator(_refuse_truth_value),
    Field(allow_inf_nan=False),
    PlainSerializer(_shorten, return_type=int | float),
]
Name = Annotated[str, BeforeValidator(_clean_name)]
OptionalName = Annotated[str | None, BeforeValidator(_clean_optional_name)]
Names = Annotated[list[str], BeforeValidator(_clean_names)]


class AnswerModel(BaseModel):
    """Base of the models that a language model fills in: unknown keys are dropped."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_close_object)


class Quantity(AnswerModel):
    """A printed figure."""

    number: Number = Field(
        description="The number as printed, suffixes multiplied out: 1.6B is 1600000000."
    )
    high: Number | None = Field(
        default=None, description="The upper end of a printed range, else null."
    )
    unit: OptionalName = Field(
        default=None,
        description=(
            'Exactly "%" for percent; "points" for points, percentage points or "absolute"; '
            '"x" for times, fold, half, double, orders of magnitude; else the physical unit in '
            'its short form ("GB", "hours", "parameters"); null for a bare score.'
        ),
    )
    qualifier: Qualifier = Field(
        default="exact",
        description=(
            "exact; about (nearly, roughly, ~); at_least (over, more than); "
            "at_most (under, less than, within); up_to (up to, as much as)."
        ),
    )


class Delta(Quantity):
    """A printed difference."""

    direction: Direction = Field(
        description=(
            "Whether the metric as named goes up or down: "
            '"31% memory reduction" is decrease, "3x faster" is increase of speed.'
        )
    )


class Claim(AnswerModel):
    """One result that the abstract asserts: a measured number, a comparison, or both."""

    method: Name = Field(
        description="What the result is about, by its shortest self-contained name."
    )
    task: OptionalName = Field(
        default=None,
        description="The task or field as the abstract names it, a short noun phrase; or null.",
    )
    datasets: Names = Field(
        default_factory=list,
        description=(
            "Benchmarks or data that it was measured on, each name alone; "
            "never training data; [] if none."
        ),
    )
    metric: OptionalName = Field(
        default=None,
        description='What is measured, as worded; null if only "performance" or nothing is named.',
    )
    value: Quantity | None = Field(
        default=None, description="The method's own figure; null if not printed."
    )
    baselines: Names = Field(
        default_factory=list,
        description="What it is compared with, each name alone; [] if no one is named.",
    )
    baseline_value: Quantity | None = Field(
        default=None, description="The baseline's own figure; null if not printed."
    )
    delta: Delta | None = Field(
        default=None, description="The difference as printed; null if not printed."
    )
    outcome: Outcome = Field(
        description=(
            "How the method does beside the baselines, from the method's side; "
            "reported if nothing is compared."
        )
    )
    evidence: str = Field(
        description="The shortest passage that states the result, copied letter for letter."
    )

    def figures(self) -> list[tuple[str, Quantity]]:
        """The printed figures of this claim, each with the name of its field."""
        roles = ("value", "baseline_value", "delta")
        return [(role, figure) for role in roles if (figure := getattr(self, role)) is not None]


class Extraction(AnswerModel):
    """All result claims of one abstract."""

    claims: list[Claim] = Field(description="One entry for each claim; [] if there is none.")
