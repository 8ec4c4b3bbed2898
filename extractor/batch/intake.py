"""Takes the rows of answer files into the cache and the journal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extractor.asking import Answer
from extractor.batch.answer_rows import InvalidRowError, classify, read_row
from extractor.batch.journal import FaultKind, Journal, Question
from extractor.batch.plans import find_names
from extractor.cache import AnswerCache
from extractor.errors import ExtractorError
from extractor.readers.sources import find_files, open_source

_KEPT = 5
_CHUNK = 500


@dataclass
class Intake:
    """What the answer files held.

    Attributes:
        answers: answers that are new.
        known: answers that were in the cache before.
        faults: rows without an answer, by what is to be done about them.
        foreign: rows whose question is not in the journal; their answers are kept all the same.
        invalid: lines that are no rows.
        notes: the first few lines and faults that somebody should look at, with their places.
        exports: numbers of the exports that the rows belong to.
    """

    answers: int = 0
    known: int = 0
    faults: dict[FaultKind, int] = field(
        default_factory=lambda: {"passing": 0, "permanent": 0, "refused": 0}
    )
    foreign: int = 0
    invalid: int = 0
    notes: list[str] = field(default_factory=list)
    exports: set[int] = field(default_factory=set)

    def note(self, place: str, what: str) -> None:
        """Keep a remark if there are not enough yet."""
        if len(self.notes) < _KEPT:
            self.notes.append(f"{place}: {what}")


def take_in(files: Sequence[str], cache: AnswerCache, journal: Journal) -> Intake:
    """Put every answer of these files into the cache, in whatever order they come.

    An answer that the cache has stays as it is; an answer counts more than a fault of the same
    question, whichever is read first.

    Raises:
        InputError: a file is not there or cannot be read.
        StoreError: cache or journal cannot be written; what was taken in before is kept.
    """
    taker = _Taker(cache, journal)
    for place, line in _read_lines(find_files(files)):
        taker.take(place, line)
    taker.flush()
    return taker.intake


def _read_lines(files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        with open_source(file) as source:
            for number, line in enumerate(source.stream, start=1):
                if line.strip():
                    yield f"{source.name}:{number}", line


class _Taker:
    """Takes in line by line."""

    def __init__(self, cache: AnswerCache, journal: Journal) -> None:
        self.intake = Intake()
        self._cache = cache
        self._journal = journal
        self._names: dict[int, tuple[str, list[str]]] = {}
        self._fresh: dict[str, Answer] = {}

    def take(self, place: str, line: bytes) -> None:
        try:
            row = read_row(line)
        except InvalidRowError as error:
            self.intake.invalid += 1
            self.intake.note(place, str(error))
            return
        question = self._journal.find_question(row.key)
        if question is None:
            self.intake.foreign += 1
            self.intake.note(place, f"no request of ours has the custom_id {row.key[:80]!r}")
        else:
            self.intake.exports.add(question.export_id)
        if row.key in self._fresh or self._cache.get(row.key) is not None:
            self.intake.known += 1
            return
        try:
            answer = row.read_answer(*self._name(question))
        except ExtractorError as fault:
            self._note_fault(row.key, place, fault)
            return
        self._fresh[row.key] = answer
        self.intake.answers += 1
        if len(self._fresh) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Bring what was taken in onto the disk."""
        # First that it is to be counted: an answer in the cache is not read a second time.
        for key in self._fresh:
            self._journal.record_answer(key)
        self._journal.commit()
        for key, answer in self._fresh.items():
            self._cache.put(key, answer)
        self._fresh.clear()

    def _note_fault(self, key: str, place: str, fault: ExtractorError) -> None:
        kind, reason = classify(fault), " ".join(str(fault).split())
        self.intake.faults[kind] += 1
        if kind != "passing":
            self.intake.note(place, reason)
        self._journal.record_fault(key, kind, reason)

    def _name(self, question: Question | None) -> tuple[str, list[str]]:
        if question is None:
            return "batch", []
        number = question.export_id
        if number not in self._names:
            self._names[number] = find_names(self._journal.read_plan(number))
        return self._names[number]
