"""Score cards: a report as JSON, with its provenance and all that a comparison needs."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractor.errors import ConfigError, InputError
from extractor.evaluation.gold import GoldDocument, describe_errors, fingerprint_gold
from extractor.evaluation.judging import Judgement
from extractor.evaluation.measures import MEASURES, Counts, count_abstract, tabulate
from extractor.evaluation.rules import SCORER_VERSION, ScoringRules
from extractor.evaluation.scoring import Report
from extractor.evaluation.slices import slice_judgement
from extractor.evaluation.statistics import RESAMPLES, Estimate, estimate_figures

SLICE_MEASURES: Final = {
    name: MEASURES[name] for name in ("detection_f1", "soft_f1", "strict_f1", "figures_f1")
}
"""The figures that are given for every slice."""

_SLICE_COLUMNS: Final = sorted(
    {
        column
        for measure in SLICE_MEASURES.values()
        for column in (*measure.numerator, *measure.denominator)
    }
)
_DIGITS: Final = 9


class GoldProvenance(BaseModel):
    """Which labels were scored against.

    Attributes:
        sha256: `fingerprint_gold` of the labels.
        required: number of required claims.
        optional: number of optional claims.
        with_text: number of abstracts whose text was at hand, so that quotes could be checked.
    """

    name: str
    sha256: str
    abstracts: int
    required: int
    optional: int
    with_text: int

    @classmethod
    def of(cls, name: str, documents: Sequence[GoldDocument]) -> "GoldProvenance":
        """Describe labelled abstracts."""
        statuses = [claim.status for document in documents for claim in document.claims]
        return cls(
            name=name,
            sha256=fingerprint_gold(documents),
            abstracts=len(documents),
            required=statuses.count("required"),
            optional=statuses.count("optional"),
            with_text=sum(document.text is not None for document in documents),
        )


class SystemProvenance(BaseModel):
    """What was scored.

    Attributes:
        prompt: fingerprint of the prompt; None for systems without one.
        cost_usd: price of all answers together; None if it is not known.
        latency_s: mean seconds to an answer; None if it is not known.
    """

    model: str
    prompt: str | None = None
    run: str | None = None
    cost_usd: float | None = None
    latency_s: float | None = None


class AbstractRow(BaseModel):
    """What one abstract adds to every figure.

    Attributes:
        counts: the columns that are not zero.
        slices: for each slice that it has a part in, the columns that are not zero.
        found: places of the labelled claims that were found.
        right: places of those that are right in every field.
    """

    id: str
    counts: dict[str, float]
    slices: dict[str, dict[str, float]] = Field(default_factory=dict)
    found: list[int] = Field(default_factory=list)
    right: list[int] = Field(default_factory=list)


class ScoreCard(BaseModel):
    """How a system did on labelled abstracts, with everything needed to compare it.

    Attributes:
        rules: the weights and thresholds that were applied.
        figures: by name in `MEASURES`, with 95% intervals.
        slices: the same for parts of the report, by name of the slice.
        causes: lost points of strict F1 by cause.
        lost_credit: lost partial credit by field and through whole claims.
        ceiling: the figures that two people reach against each other, where known.
        failed: abstracts without an answer, absent ones included.
        absent: abstracts that the predictions lack.
        unknown: predictions that belong to no labelled abstract; they count nowhere.
    """

    model_config = ConfigDict(extra="forbid")

    scorer_version: str = SCORER_VERSION
    created: str
    gold: GoldProvenance
    system: SystemProvenance
    rules: ScoringRules
    resamples: int
    figures: dict[str, Estimate]
    slices: dict[str, dict[str, Estimate]]
    causes: dict[str, int]
    lost_credit: dict[str, float]
    ceiling: dict[str, float | None] | None = None
    failed: list[str]
    absent: list[str]
    unknown: list[str]
    abstracts: list[AbstractRow]

    def counts(self) -> Counts:
        """The table behind the figures: one row an abstract, one column a name of `COLUMNS`."""
        return tabulate(row.counts for row in self.abstracts)

    def to_json(self) -> str:
        """Write the card with one abstract a line, so that changes can be read line by line."""
        head = self.model_dump(mode="json", exclude={"abstracts"})
        rows = [json.dumps(row.model_dump(), ensure_ascii=False) for row in self.abstracts]
        opened = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
        body = ",\n    ".join(rows)
        return f'{opened},\n  "abstracts": [\n    {body}\n  ]\n}}\n'


def make_score_card(
    report: Report,
    gold: GoldProvenance,
    system: SystemProvenance,
    *,
    created: str,
    ceiling: Mapping[str, float | None] | None = None,
) -> ScoreCard:
    """Turn a report into a score card.

    Args:
        report: the scored predictions.
        gold: which labels they were scored against.
        system: what was scored.
        created: date and time in ISO 8601.
        ceiling: figures of human agreement by name in `MEASURES`.
    """
    rows = [_make_row(judged) for judged in report.judgements]
    return ScoreCard(
        created=created,
        gold=gold,
        system=system,
        rules=report.matcher.rules,
        resamples=RESAMPLES,
        figures=estimate_figures(tabulate(row.counts for row in rows), MEASURES),
        slices={
            name: estimate_figures(counts, SLICE_MEASURES)
            for name, counts in tabulate_slices(rows).items()
        },
        causes={str(cause): points for cause, points in report.causes().items()},
        lost_credit={name: round(lost, _DIGITS) for name, lost in report.lost_credit().items()},
        ceiling=None if ceiling is None else dict(ceiling),
        failed=list(report.failed),
        absent=list(report.absent),
        unknown=list(report.unknown),
        abstracts=rows,
    )


def _make_row(judgement: Judgement) -> AbstractRow:
    places = {pair: judgement.gold[pair.gold].place for pair in judgement.pairs}
    return AbstractRow(
        id=judgement.document.id,
        counts=_drop_zeros(count_abstract(judgement)),
        slices={
            name: _drop_zeros({key: count_abstract(part)[key] for key in _SLICE_COLUMNS})
            for name, part in slice_judgement(judgement)
        },
        found=sorted(places.values()),
        right=sorted(place for pair, place in places.items() if not pair.comparison.wrong),
    )


def _drop_zeros(counts: Mapping[str, float]) -> dict[str, float]:
    return {name: round(count, _DIGITS) for name, count in counts.items() if count}


def tabulate_slices(rows: Iterable[AbstractRow]) -> dict[str, Counts]:
    """Lay out the counts of every slice, one row for each abstract that has a part in it."""
    parts: defaultdict[str, list[Mapping[str, float]]] = defaultdict(list)
    for row in rows:
        for name, counts in row.slices.items():
            parts[name].append(counts)
    return {name: tabulate(parts[name]) for name in sorted(parts)}


def load_score_card(path: Path) -> ScoreCard:
    """Read a score card.

    Raises:
        InputError: it cannot be read or is no score card.
    """
    try:
        return ScoreCard.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except ValidationError as error:
        raise InputError(f"{path}: not a score card: {describe_errors(error)}") from error


def resolve_measure(name: str) -> str:
    """Find the full name of a figure: "soft" stands for "soft_f1".

    Raises:
        ConfigError: there is no such figure.
    """
    for candidate in (name, f"{name}_f1"):
        if candidate in MEASURES:
            return candidate
    raise ConfigError(f"no figure is called {name!r}; choose from {', '.join(MEASURES)}")


def find_shortfalls(card: ScoreCard, floors: Mapping[str, float]) -> list[str]:
    """Say which figures fall short of a floor.

    Args:
        card: the score card.
        floors: the least value by name of the figure, "soft" standing for "soft_f1".

    Returns:
        One line for each figure below its floor, or with nothing to measure.

    Raises:
        ConfigError: there is no such figure.
    """
    lines: list[str] = []
    for name, floor in floors.items():
        value = card.figures[resolve_measure(name)].value
        if value is None or value < floor:
            shown = "nothing to measure" if value is None else f"{value:.4f}"
            lines.append(f"{resolve_measure(name)}: {shown}, wanted at least {floor:g}")
    return lines
