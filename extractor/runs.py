"""A batch run: many abstracts through the pipeline into a store."""

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from extractor.errors import BudgetReachedError, ExtractorError, StoreError
from extractor.identifiers import IdentifierSet
from extractor.outages import outlast
from extractor.pipeline import Pipeline
from extractor.readers import Entry
from extractor.results import SCREENED, Result, Status
from extractor.steering import Spending
from extractor.stores import RunRecord, Store

_FAILURES_KEPT = 5
_COUNTS = (
    "claims",
    "no_claims",
    "screened",
    "failed",
    "accepted",
    "rejected",
    "duplicates",
    "present",
)
# A store writes a batch in a fraction of the time of its single rows.
_GATHER_S = 0.5


@dataclass
class Tally:
    """What a run has done so far.

    Attributes:
        claims, no_claims, failed: abstracts by state.
        screened: those of `no_claims` that no model was asked about.
        accepted, rejected: claims.
        duplicates: entries that were read before in this run.
        present: abstracts that the store had already.
        failures: identifier and reason of the first few failed abstracts.
        stopped: why the run stopped before its end, as when its budget was reached.
        spending: requests, tokens and cost of this run; answers from the cache cost nothing.
    """

    spending: Spending
    claims: int = 0
    no_claims: int = 0
    screened: int = 0
    failed: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    present: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    stopped: str | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def finished(self) -> int:
        """Abstracts that this run brought to an end."""
        return self.claims + self.no_claims + self.failed

    @property
    def read(self) -> int:
        """Entries that were taken from the sources."""
        return self.finished + self.duplicates + self.present

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started

    def to_record(self) -> dict[str, Any]:
        """The counts as a JSON object."""
        return {
            **{name: getattr(self, name) for name in _COUNTS},
            "stopped": self.stopped,
            "elapsed_s": round(self.elapsed_s, 3),
            **asdict(self.spending),
        }

    def add(self, results: Sequence[Result]) -> None:
        """Count a batch of results."""
        for result in results:
            numbers = len(result.claims), len(result.rejected)
            self.count(result.status, result.reason, result.abstract.id, *numbers)

    def count(
        self, status: Status, reason: str | None, identifier: str, accepted: int, rejected: int
    ) -> None:
        """Count an abstract by its state, with its claims."""
        setattr(self, status, getattr(self, status) + 1)
        self.screened += reason == SCREENED
        self.accepted += accepted
        self.rejected += rejected
        if status == "failed" and len(self.failures) < _FAILURES_KEPT:
            self.failures.append((identifier, reason or ""))


async def run_extraction(
    pipeline: Pipeline,
    entries: Iterable[Entry],
    store: Store,
    report: Callable[[Tally], None] | None = None,
) -> Tally:
    """Extract from every entry that the store does not hold yet, and write as results come.

    An entry that occurs twice in the sources is taken once. A failed extraction in the store
    is tried again; answers in the cache make that free.

    Args:
        report: called after each batch that was written.

    Returns:
        What was done; `stopped` says if the budget was reached.

    Raises:
        ExtractorError: what else stopped the run; all that was finished before is in the store.
    """
    tally = Tally(pipeline.spending)
    seen = IdentifierSet()

    def skip(extraction_id: str) -> bool:
        if not seen.add(extraction_id):
            tally.duplicates += 1
            return True
        if store.holds(extraction_id):
            tally.present += 1
            return True
        return False

    await _persist(partial(store.record_run, _describe_run(pipeline)), pipeline)
    try:
        async with aclosing(pipeline.stream(entries, skip, _GATHER_S)) as batches:
            async for results in batches:
                await _write(store, results, pipeline, batches)
                tally.add(results)
                if report is not None:
                    report(tally)
    except BudgetReachedError as reached:
        tally.stopped = str(reached)
    if tally.stopped is None and not pipeline.is_stopped:
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        await _persist(partial(store.record_run, _describe_run(pipeline, finished)), pipeline)
    return tally


async def _write(
    store: Store,
    results: Sequence[Result],
    pipeline: Pipeline,
    batches: AsyncGenerator[list[Result], None],
) -> None:
    try:
        await _persist(partial(store.write, results), pipeline)
    except StoreError:
        # Nothing more is asked; what is in flight is being paid for and goes into the cache.
        pipeline.stop()
        # What else may have ended the run, as its budget, must not hide that nothing was written.
        with suppress(ExtractorError):
            async for _ in batches:
                pass
        raise


async def _persist(action: Callable[[], None], pipeline: Pipeline) -> None:
    await outlast(action, pipeline.settings.patience_s, lambda: pipeline.is_stopped)


def _describe_run(pipeline: Pipeline, finished: str | None = None) -> RunRecord:
    return RunRecord(
        run_id=pipeline.run_id,
        model=pipeline.asker.model,
        prompt=pipeline.prompt_name,
        started=pipeline.started,
        finished=finished,
    )
