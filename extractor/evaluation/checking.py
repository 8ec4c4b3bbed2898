"""Checks label files: schema, places, figures, duplicates, overlap with few-shot examples."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from extractor.documents import hash_text
from extractor.evaluation.evidence import find_spans
from extractor.evaluation.gold import GoldClaim, GoldDocument, describe_errors, read_records
from extractor.evaluation.judging import absent_roles
from extractor.evaluation.matching import ClaimMatcher, split_duplicates
from extractor.quantities import find_figures

_WORD = re.compile(r"\w+(?:[.,]\d+)*|%")
_RUN_WORDS = 8


@dataclass(frozen=True, slots=True)
class GoldProblem:
    """One thing that is wrong with a label file.

    Attributes:
        document: id of the abstract, or the line where it cannot be read.
        claim: index of the label, None for a problem of the abstract as a whole.
        check: schema, id, hash, evidence, figures, duplicate or few-shot.
        message: what is wrong.
    """

    document: str
    claim: int | None
    check: str
    message: str


def check_gold_file(
    path: Path, examples: Iterable[str] = (), texts: Mapping[str, str] | None = None
) -> list[GoldProblem]:
    """Check every label of a file.

    Args:
        path: the label file.
        examples: few-shot examples of the prompts: nothing that is measured may stand in them.
        texts: normalised texts by id, for labels that came without them.

    Returns:
        The problems in the order of the file; none for a sound file.

    Raises:
        InputError: the file cannot be read or is not JSON Lines.
    """
    runs = {run for example in examples for run in _word_runs(example)}
    problems: list[GoldProblem] = []
    seen: set[str] = set()
    for number, record in read_records(path):
        name = str(record.get("id", f"line {number}"))
        document, unreadable = _read_document(name, record)
        problems += unreadable
        if name in seen:
            problems.append(GoldProblem(name, None, "id", "stands on two lines"))
        seen.add(name)
        if document is not None:
            if document.text is None and texts and name in texts:
                document = document.model_copy(update={"text": texts[name]})
            problems += check_document(document, runs)
    return problems


def check_document(document: GoldDocument, runs: Iterable[str] = ()) -> Iterator[GoldProblem]:
    """Check the labels of one abstract, those against its text only if that is known.

    Args:
        document: the labelled abstract.
        runs: runs of eight words, as in few-shot examples, that its text must not hold.
    """
    yield from _check_text(document, set(runs))
    matcher = ClaimMatcher()
    claims = list(document.claims)
    prepared = [matcher.prepare(claim, place, None, None) for place, claim in enumerate(claims)]
    for place in split_duplicates(prepared)[1]:
        yield GoldProblem(document.id, place, "duplicate", "says the same as an earlier label")
    if document.text is None:
        return
    printed = find_figures(document.text) + find_figures(document.title)
    for place, claim in enumerate(claims):
        if message := _check_evidence(claim, document.text):
            yield GoldProblem(document.id, place, "evidence", message)
        for role in absent_roles(claim, printed):
            message = f"the figure in {role} is printed neither in text nor title"
            yield GoldProblem(document.id, place, "figures", message)


def _read_document(
    name: str, record: Mapping[str, Any]
) -> tuple[GoldDocument | None, list[GoldProblem]]:
    """Read an abstract, leaving out the labels that do not fit the schema."""
    problems: list[GoldProblem] = []
    claims: list[GoldClaim] = []
    labels = record.get("claims")
    if not isinstance(labels, list):
        return None, [GoldProblem(name, None, "schema", "needs a list `claims`")]
    for place, label in enumerate(labels):
        try:
            claims.append(GoldClaim.model_validate(label))
        except ValidationError as error:
            problems.append(GoldProblem(name, place, "schema", describe_errors(error)))
    try:
        document = GoldDocument.model_validate({**record, "claims": claims})
    except ValidationError as error:
        return None, [*problems, GoldProblem(name, None, "schema", describe_errors(error))]
    return document, problems


def _check_text(document: GoldDocument, runs: set[str]) -> Iterator[GoldProblem]:
    text = document.text
    if text is None:
        if document.text_sha256 is None and any(claim.span for claim in document.claims):
            message = "labels with offsets need the hash of their text"
            yield GoldProblem(document.id, None, "hash", message)
        return
    if document.text_sha256 not in (None, hash_text(text)):
        yield GoldProblem(document.id, None, "hash", "text_sha256 is not the hash of its text")
    if shared := runs & set(_word_runs(text)):
        message = f"shares words with a few-shot example: {min(shared)!r}"
        yield GoldProblem(document.id, None, "few-shot", message)


def _check_evidence(claim: GoldClaim, text: str) -> str | None:
    if claim.span is None:
        return None if find_spans(claim.evidence, text) else "the quote is not in the text"
    start, end = claim.span
    if end > len(text):
        return f"offsets {start} to {end} reach beyond the text of {len(text)} characters"
    if claim.evidence and claim.evidence != text[start:end]:
        return "the quote is not what stands at its offsets"
    if text[start].isspace() or text[end - 1].isspace():
        return "offsets begin or end with a blank"
    cuts_start = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    cuts_end = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return "offsets cut a word" if cuts_start or cuts_end else None


def _word_runs(text: str) -> list[str]:
    words = _WORD.findall(text.casefold())
    return [
        " ".join(words[start : start + _RUN_WORDS]) for start in range(len(words) - _RUN_WORDS + 1)
    ]
