"""What a store tells of earlier extractions, without being opened for writing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from extractor.identifiers import IdentifierSet
from extractor.stores.files import read_records
from extractor.stores.jsonl import Record
from extractor.stores.targets import find_path, holds_tables, name_part

MOST_SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What an extraction took.

    Attributes:
        requests: answers that were read, re-asks included; the tokens are those of all of them.
        chars: length of title and text; None where the store keeps no texts.
    """

    requests: int
    tokens_in: int
    tokens_out: int
    chars: int | None = None


@dataclass
class History:
    """Earlier extractions.

    Attributes:
        finished: identifiers of those that did not fail.
        samples: what those of one model and prompt took, of the first ten thousand.
    """

    finished: IdentifierSet = field(default_factory=IdentifierSet)
    samples: dict[int, Sample] = field(default_factory=dict)

    def holds(self, extraction_id: str) -> bool:
        """Tell whether an extraction was brought to a good end."""
        return extraction_id in self.finished


def read_history(target: str, model: str, prompt: str) -> History:
    """Read what a database or a JSONL file holds; nothing where there is none yet.

    Args:
        target: the URL of a database, or a file, told apart by its content.
        model, prompt: as in the provenance; whose extractions become samples.

    Raises:
        StoreError: it is neither.
    """
    path = find_path(target)
    if path is not None and not (_has_content(path) or _has_content(name_part(path))):
        return History()
    if path is None or holds_tables(target):
        from extractor.stores.sql_reading import read_samples  # noqa: PLC0415

        return gather_history(read_samples(target, model, prompt))
    return gather_history(_read_line(line, model, prompt) for line in read_records(path))


def gather_history(extractions: Iterable[tuple[str, str, Sample | None]]) -> History:
    """Gather identifiers, states and samples; None for an extraction that is none."""
    history = History()
    for extraction_id, status, sample in extractions:
        if status != "failed":
            history.finished.add(extraction_id)
        if sample is not None and sample.tokens_in and len(history.samples) < MOST_SAMPLES:
            history.samples[int(extraction_id, 16)] = sample
    return history


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _read_line(record: Record, model: str, prompt: str) -> tuple[str, str, Sample | None]:
    found = record["provenance"]
    sample = None
    if (found.get("model"), found.get("prompt")) == (model, prompt):
        names = ("attempts", "tokens_in", "tokens_out")
        requests, tokens_in, tokens_out = (int(found.get(name) or 0) for name in names)
        chars = len(record["title"]) + len(record["text"]) if "text" in record else None
        sample = Sample(requests, tokens_in, tokens_out, chars)
    return str(found["extraction_id"]), record["status"], sample
