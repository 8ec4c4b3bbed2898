"""Reads labelled claims and joins them with the texts that they were made from."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from extractor.claims import Claim
from extractor.documents import NormalText, hash_text
from extractor.errors import InputError

Status = Literal["required", "optional"]


class GoldClaim(Claim):
    """A labelled claim.

    Attributes:
        evidence: the passage; empty while only its place is known, until `hydrate_gold`.
        span: `[start, end)` of the evidence in characters of the normalised text, if known.
        status: `optional` claims neither earn nor cost.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    evidence: str = ""
    span: tuple[int, int] | None = None
    status: Status = "required"

    @model_validator(mode="before")
    @classmethod
    def _read_offsets(cls, label: Any) -> Any:
        """Accept evidence as `[start, end)`, as label files without sentences give it."""
        if isinstance(label, dict) and isinstance(label.get("evidence"), list | tuple):
            label = dict(label)
            label["span"] = tuple(label.pop("evidence"))
        return label

    @field_validator("span")
    @classmethod
    def _check_span(cls, span: tuple[int, int] | None) -> tuple[int, int] | None:
        if span is not None and not 0 <= span[0] < span[1]:
            raise ValueError("evidence offsets must be [start, end) with 0 <= start < end")
        return span

    @model_validator(mode="after")
    def _check_evidence(self) -> "GoldClaim":
        if self.span is None and not self.evidence.strip():
            raise ValueError("a label needs evidence: a quote or offsets")
        return self

    def to_label(self) -> dict[str, Any]:
        """The JSON object that stands for this claim in a label file.

        Evidence is written as offsets where they are known, else as the quote, so that labels
        which came without sentences stay without them.
        """
        label = self.model_dump(mode="json", exclude={"span"})
        if self.span is not None:
            label["evidence"] = list(self.span)
        return label


class Labelling(BaseModel):
    """How the labels of an abstract were made.

    Attributes:
        annotators: who decided on them, in the order of their first decisions.
        started: time of the first decision, ISO 8601 in UTC.
        finished: time of the last one.
        active_s: seconds that all of them were busy with the abstract, pauses left out.
        suggestions: the model whose claims they saw; None if they worked without.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    annotators: list[str]
    started: str
    finished: str
    active_s: float
    suggestions: str | None = None


class GoldDocument(BaseModel):
    """An abstract with all of its labelled claims.

    Attributes:
        source_title: title of the paper that a restated text was written after.
        text: the normalised text; None while only its hash is known.
        labelling: who made the labels, when and how, where it is known; no part of the labels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: NormalText = ""
    source_title: str | None = None
    text: NormalText | None = None
    text_sha256: str | None = None
    labelling: Labelling | None = None
    claims: list[GoldClaim] = Field(default_factory=list)

    def to_record(self) -> dict[str, Any]:
        """The JSON object that stands for this abstract on one line of a label file."""
        record = self.model_dump(mode="json", exclude={"claims"}, exclude_none=True)
        return {**record, "claims": [claim.to_label() for claim in self.claims]}


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the JSON objects of a JSONL file, each with its line number from 1.

    Raises:
        InputError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise InputError(f"{path}:{number}: not a JSON object")
                    yield number, record
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not JSON Lines ({error})") from error


def load_gold(path: Path) -> list[GoldDocument]:
    """Read a file of labels, one abstract a line.

    Raises:
        InputError: it cannot be read, a label does not fit the schema, or an id comes twice.
    """
    documents: dict[str, GoldDocument] = {}
    for number, record in read_records(path):
        try:
            document = GoldDocument.model_validate(record)
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {describe_errors(error)}") from error
        if document.id in documents:
            raise InputError(f"{path}:{number}: id {document.id!r} stands on two lines")
        documents[document.id] = document
    return list(documents.values())


def save_gold(documents: Iterable[GoldDocument], path: Path) -> None:
    """Write label files that `load_gold` reads back unchanged."""
    with path.open("w", encoding="utf-8") as out:
        for document in documents:
            out.write(json.dumps(document.to_record(), ensure_ascii=False) + "\n")


def fingerprint_gold(documents: Iterable[GoldDocument]) -> str:
    """Hash ids and labels, in any order of the abstracts: sha256 in hexadecimal.

    Joining labels with their texts does not change it.
    """
    labels = {
        document.id: [claim.to_label() for claim in document.claims] for document in documents
    }
    return hash_text(json.dumps(labels, sort_keys=True, ensure_ascii=False))


def describe_errors(error: ValidationError) -> str:
    """Say in one line which fields of a record do not fit, and why."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'record'}: {detail['msg']}"
        for detail in error.errors()
    )
