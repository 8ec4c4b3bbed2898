"""Checks labels as they are typed: the checks of extraction, and those of a gold file."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from extractor.claims import Claim
from extractor.documents import Abstract
from extractor.evaluation.checking import check_document
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.grounding import GroundedText
from extractor.quantities import Figure, can_ground, find_figures, occurs
from extractor.review.labels import DraftFigure, Label
from extractor.validation import Subject, content_key, validate_claim

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about a label.

    Attributes:
        check: the name of the check, `schema` where a field cannot be read.
        blocks: whether a gold file with it would be refused, so that the abstract cannot be done.
    """

    check: str
    blocks: bool
    message: str


@dataclass(frozen=True, slots=True)
class CheckedLabel:
    """A label beside what there is to say about it.

    Attributes:
        places: where its figures are printed, by role, as spans of the text.
    """

    label: Label
    remarks: tuple[Remark, ...]
    places: Mapping[str, Span]

    @property
    def blocks(self) -> bool:
        """Whether something keeps the abstract from being done."""
        return any(remark.blocks for remark in self.remarks)


class LabelChecker:
    """Checks the labels of one abstract."""

    def __init__(self, abstract: Abstract) -> None:
        """Prepare the text once for all labels."""
        self._abstract = abstract
        self._grounded = GroundedText(abstract)

    @cached_property
    def figures(self) -> list[Figure]:
        """Every figure of the text."""
        return find_figures(self._abstract.text)

    def place(self, label: Label) -> Label:
        """Put the evidence of a label where it stands in the text, letter for letter.

        A span that the evidence does not stand at is not believed; a quote that is nowhere is
        left as it was typed, without a span.
        """
        text, span = self._abstract.text, label.span
        if span is None or not label.claim.evidence or text[slice(*span)] != label.claim.evidence:
            span = self._grounded.locate_quote(label.claim.evidence)
        if span is None:
            return label.model_copy(update={"span": None})
        start, end = _trim(text, span)
        claim = label.claim.model_copy(update={"evidence": text[start:end]})
        return label.model_copy(update={"span": (start, end), "claim": claim})

    def check(self, labels: Sequence[Label]) -> list[CheckedLabel]:
        """Check labels in their order, each beside those before it."""
        remarks: dict[str, list[Remark]] = {}
        places: dict[str, Mapping[str, Span]] = {}
        sound: dict[str, GoldClaim] = {}
        earlier: set[str] = set()
        for label in labels:
            try:
                claim = Claim.model_validate(label.claim.to_claim())
            except ValidationError as error:
                remarks[label.key] = [Remark("schema", True, text) for text in _describe(error)]
                continue
            remarks[label.key] = self._check_claim(claim, earlier)
            places[label.key] = self._find_places(claim, label.span)
            earlier.add(content_key(claim))
            if label.span is not None:
                sound[label.key] = to_gold_claim(label)
        for key, remark in self._check_as_gold(sound):
            if _SAME_AS.get(remark.check, remark.check) not in {
                said.check for said in remarks[key]
            }:
                remarks[key].append(remark)
        return [
            CheckedLabel(label, tuple(remarks[label.key]), places.get(label.key, {}))
            for label in labels
        ]

    def _check_claim(self, claim: Claim, earlier: Set[str]) -> list[Remark]:
        """What the checks of extraction say about one claim."""
        grounding = self._grounded.ground(claim)
        return [
            Remark(problem.check, problem.check in _BLOCKING, problem.message)
            for problem in validate_claim(Subject(claim, self._abstract, grounding, earlier))
        ]

    def _check_as_gold(self, claims: Mapping[str, GoldClaim]) -> Iterator[tuple[str, Remark]]:
        """What `extractor gold check` would find, by the key of the label."""
        keys = list(claims)
        document = GoldDocument(
            id=self._abstract.id,
            title=self._abstract.title,
            text=self._abstract.text,
            claims=list(claims.values()),
        )
        for problem in check_document(document):
            if problem.claim is not None:
                yield keys[problem.claim], Remark(problem.check, True, problem.message)

    def _find_places(self, claim: Claim, span: Span | None) -> dict[str, Span]:
        """Find where the figures of a claim stand, in its evidence before elsewhere."""
        start, end = span or (0, 0)
        ordered = sorted(self.figures, key=lambda at: not (start <= at.start and at.end <= end))
        places: dict[str, Span] = {}
        for role, quantity in claim.figures():
            for figure in ordered:
                fits = can_ground(figure, quantity.unit) and occurs(quantity.number, [figure])
                if fits and (figure.start, figure.end) not in places.values():
                    places[role] = (figure.start, figure.end)
                    break
        return places


def read_printed(text: str) -> DraftFigure | None:
    """Read a figure as someone types it, "about 31.1-39.9%"; None if there is none."""
    figures = find_figures(text)
    if not figures:
        return None
    figure = figures[0]
    return DraftFigure(
        number=figure.number,
        high=figure.high,
        unit=figure.unit,
        qualifier=figure.qualifier,
        direction=figure.direction,
    )


def to_gold_claim(label: Label) -> GoldClaim:
    """Turn a label without blocking remarks into one of a gold file, its evidence as a quote."""
    content: dict[str, Any] = {**label.claim.to_claim(), "status": label.status}
    return GoldClaim.model_validate(content)


# What a gold file is refused for; everything else is a doubt that a reader may overrule.
_BLOCKING = frozenset({"quote", "figure", "method", "duplicate"})
_SAME_AS = {"figures": "figure", "evidence": "quote"}


def _trim(text: str, span: Span) -> Span:
    start, end = span
    passage = text[start:end]
    return (
        start + len(passage) - len(passage.lstrip()),
        end - len(passage) + len(passage.rstrip()),
    )


def _describe(error: ValidationError) -> list[str]:
    """Say which field cannot be read, without the address of an explanation."""
    return [
        f"{' '.join(str(part).replace('_', ' ') for part in detail['loc'])}: {detail['msg']}"
        for detail in error.errors(include_url=False)
    ]
