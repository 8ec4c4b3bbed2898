"""What every store can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from extractor.results import Result

LOCK_WAIT_S = 60
"""How long a database waits for another program, unless its caller tries again by itself."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, as a store remembers it.

    Attributes:
        started: in ISO 8601, UTC; so is `finished`, None while it runs.
    """

    run_id: str
    model: str
    prompt: str
    started: str
    finished: str | None = None


class Store(Protocol):
    """A place for results; writing the same result twice leaves one."""

    def holds(self, extraction_id: str) -> bool:
        """Tell whether it has this extraction, and not as a failed one."""
        ...

    def record_run(self, run: RunRecord) -> None:
        """Remember a run, or that it is finished."""
        ...

    def write(self, results: Sequence[Result]) -> None:
        """Write a batch, all of it or nothing.

        Raises:
            StoreError: it could not be written.
        """
        ...

    def close(self) -> None:
        """Make sure that everything is on disk."""
        ...
