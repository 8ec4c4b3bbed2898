"""Failed abstracts, as a store gives them back to be taken up again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from extractor.documents import Abstract, hash_text
from extractor.stores.protocol import Store

_NO_TEXT = hash_text("")


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A failed extraction.

    Attributes:
        source: where the abstract was read, as `file:line`.
        model, prompt, mode, parameters, base_url, max_reasks, skip_checks: how it was asked, as
            in its provenance.
        abstract: None where the store does not keep texts.
    """

    extraction_id: str
    id: str
    text_sha256: str
    source: str | None
    model: str
    prompt: str
    mode: str
    parameters: dict[str, Any] = field(default_factory=dict)
    base_url: str | None = None
    max_reasks: int | None = None
    skip_checks: list[str] | None = None
    abstract: Abstract | None = None

    @property
    def is_unreadable(self) -> bool:
        """Whether it stands for an entry that could not be read."""
        return self.text_sha256 == _NO_TEXT


class RetryStore(Store, Protocol):
    """A store that gives its failed extractions back."""

    def read_failed(self) -> Iterator[FailedRow]:
        """Read the failed extractions that were there when the store was opened.

        Raises:
            StoreError: it cannot be read.
        """
        ...

    def remove_failed(self, extraction_ids: Collection[str]) -> None:
        """Take failed extractions out that others stand for now.

        Raises:
            StoreError: it could not be written.
        """
        ...
