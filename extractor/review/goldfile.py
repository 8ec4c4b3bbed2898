"""The gold file that a review writes: finished abstracts, their labels, and who made them."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from extractor.documents import hash_text
from extractor.errors import ConfigError, InputError, StoreError
from extractor.evaluation.gold import (
    GoldClaim,
    GoldDocument,
    Labelling,
    load_gold,
    save_gold,
)
from extractor.review.checking import LabelChecker, to_gold_claim
from extractor.review.items import ReviewItem
from extractor.review.journal import Change, Decision, Journal, Spent
from extractor.review.labels import DraftClaim, Label, LabelState

# The action of a decision that stands for labels which were in the gold file before.
_IMPORTED = '{"action":"import"}'


@dataclass(frozen=True, slots=True)
class GoldFile:
    """A gold file and the set of labels in the journal that it is written from.

    Attributes:
        label_set: its name in the journal.
        suggestions: whether its labels are made with suggestions in sight.
    """

    path: Path
    label_set: str
    suggestions: bool = True

    def take_in(self, journal: Journal, items: Mapping[str, ReviewItem]) -> None:
        """Make the labels that the file already has the first decisions of the journal.

        Raises:
            ConfigError: the file is of other abstracts, or was changed since it was written.
        """
        if not self.path.exists():
            return
        documents = load_gold(self.path)
        if journal.has_exported(self.label_set, _fingerprint(self.path)):
            return
        if journal.list_newest(self.label_set):
            raise ConfigError(
                f"{self.path} is not what this review wrote: it was changed by hand, or is another "
                f"set. Move it away to have it written anew from {journal.path}, or name another "
                "with --gold"
            )
        _require_same(documents, items, self.path)
        by_id = {item.abstract.id: item for item in items.values()}
        with journal.transact():
            for document in documents:
                if item := by_id.get(document.id):
                    state = _read_labels(document, item)
                    change = Change(action=_IMPORTED, state=state, back=None)
                    journal.append(self.label_set, item.key, "", change)

    def write(self, journal: Journal, items: Mapping[str, ReviewItem]) -> int:
        """Write the finished abstracts of the journal, in one step, and count them.

        Lines about abstracts that the store does not have stay as they are.

        Raises:
            StoreError: the file cannot be written.
        """
        while True:
            with journal.transact():
                documents, finished = self._collect(journal, items)
                if not documents and not self.path.exists():
                    return finished
                sequence = journal.find_last(self.label_set)
                written = self._write_beside(documents, journal)
            # Known for good before it is there: a kill in between must not make it look foreign.
            try:
                with journal.transact():
                    if journal.find_last(self.label_set) == sequence:
                        self._put_in_place(written, journal)
                        return finished
            finally:
                written.unlink(missing_ok=True)

    def _collect(
        self, journal: Journal, items: Mapping[str, ReviewItem]
    ) -> tuple[list[GoldDocument], int]:
        """What the file is to hold, and how many abstracts of it are finished ones."""
        held = {document.id: document for document in self._read(journal)}
        finished = self._build(journal, items, held)
        reviewed = {item.abstract.id for item in items.values()}
        others = [held[name] for name in held if name not in reviewed]
        return [*others, *finished], len(finished)

    def _read(self, journal: Journal) -> Sequence[GoldDocument]:
        try:
            return load_gold(self.path) if self.path.exists() else []
        except InputError as error:
            raise StoreError(
                f"{error}; the decisions are safe in {journal.path}: move the gold file away to "
                "have it written anew"
            ) from error

    def _build(
        self,
        journal: Journal,
        items: Mapping[str, ReviewItem],
        held: Mapping[str, GoldDocument],
    ) -> list[GoldDocument]:
        spent = journal.list_spent()
        newest = {decision.abstract: decision for decision in journal.list_newest(self.label_set)}
        return [
            _keep_origin(
                self._make_document(item, decision, journal, spent), held.get(item.abstract.id)
            )
            for key, item in items.items()
            if (decision := newest.get(key)) and decision.state.finished
        ]

    def _make_document(
        self, item: ReviewItem, decision: Decision, journal: Journal, spent: Sequence[Spent]
    ) -> GoldDocument:
        abstract = item.abstract
        return GoldDocument(
            id=abstract.id,
            title=abstract.title,
            text=abstract.text,
            text_sha256=abstract.text_sha256,
            labelling=self._describe(item, journal, spent),
            claims=[to_gold_claim(label) for label in decision.state.labels],
        )

    def _describe(
        self, item: ReviewItem, journal: Journal, spent: Sequence[Spent]
    ) -> Labelling | None:
        """Say who labelled an abstract, when, and how long; None if it was only taken in."""
        made = [
            decision
            for decision in journal.list_decisions(self.label_set, item.key)
            if decision.annotator
        ]
        if not made:
            return None
        return Labelling(
            annotators=list(dict.fromkeys(decision.annotator for decision in made)),
            started=made[0].created,
            finished=made[-1].created,
            active_s=round(
                sum(
                    each.active_s
                    for each in spent
                    if (each.label_set, each.abstract) == (self.label_set, item.key)
                ),
                1,
            ),
            suggestions=item.model if self.suggestions else None,
        )

    def _write_beside(self, documents: Iterable[GoldDocument], journal: Journal) -> Path:
        """Write documents to a file beside the gold file, and let the journal know its content."""
        with self._name_failures(journal):
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            written = Path(name)
            try:
                os.close(handle)
                save_gold(documents, written)
                _force_to_disk(written)
                journal.record_export(self.label_set, _fingerprint(written))
                written.chmod(self.path.stat().st_mode & 0o777 if self.path.exists() else 0o644)
            except BaseException:
                written.unlink(missing_ok=True)
                raise
            return written

    def _put_in_place(self, written: Path, journal: Journal) -> None:
        with self._name_failures(journal):
            written.replace(self.path)

    @contextmanager
    def _name_failures(self, journal: Journal) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"cannot write {self.path}: {error.strerror}; the decisions are safe in "
                f"{journal.path}"
            ) from error


def _keep_origin(document: GoldDocument, held: GoldDocument | None) -> GoldDocument:
    """Keep what a line of the file says about where its text and labels came from."""
    if held is None:
        return document
    origin = {"source_title": held.source_title}
    if document.labelling is None:
        return document.model_copy(update={**origin, "labelling": held.labelling})
    return document.model_copy(update=origin)


def _require_same(
    documents: Sequence[GoldDocument], items: Mapping[str, ReviewItem], path: Path
) -> None:
    by_id = {item.abstract.id: item.abstract for item in items.values()}
    common = [document for document in documents if document.id in by_id]
    if documents and not common:
        raise ConfigError(
            f"{path} is the gold file of another set: none of its {len(documents)} abstracts is "
            "in the store; name another with --gold"
        )
    for document in common:
        abstract = by_id[document.id]
        known = document.text_sha256 or (hash_text(document.text) if document.text else None)
        if known not in {None, abstract.text_sha256}:
            raise ConfigError(
                f"{path} labels another version of the text of {document.id} than the store has; "
                "put it onto this one with `extractor gold hydrate`, or name another with --gold"
            )


def _read_labels(document: GoldDocument, item: ReviewItem) -> LabelState:
    checker = LabelChecker(item.abstract)
    labels = [
        checker.place(_read_label(claim, place, item.abstract.text))
        for place, claim in enumerate(document.claims)
    ]
    return LabelState(finished=True, labels=tuple(labels))


def _read_label(claim: GoldClaim, place: int, text: str) -> Label:
    content = claim.model_dump(include=set(DraftClaim.model_fields))
    if claim.span is not None:
        content["evidence"] = text[slice(*claim.span)]
    return Label(
        key=f"gold-{place + 1}",
        status=claim.status,
        span=claim.span,
        claim=DraftClaim.model_validate(content),
    )


def _fingerprint(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _force_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
