"""What runs in each actor: the pipeline of one machine, fed with shards."""

import asyncio
import json
import logging
import platform
import traceback
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import ray

from extractor.asking.secrets import redact
from extractor.cache import find_cache_dir
from extractor.distributed import parts
from extractor.distributed.coordinating import Ids, Mask
from extractor.distributed.shards import SHARD, decode_shard
from extractor.errors import BudgetReachedError, ExtractorError
from extractor.pipeline import Pipeline
from extractor.readers import Entry
from extractor.results import Result, Status
from extractor.settings import Settings
from extractor.steering import Spending

REPORT = "report"

_log = logging.getLogger(__name__)
_MACHINES = "machines"
# Who has nothing left to spend leaves shards to the others, not all of them at once.
_REST_S = 1.0


@dataclass(frozen=True)
class Assignment:
    """What every actor of a run is told.

    Attributes:
        settings: with the actor's share of the limits.
        folder: where finished shards go; every machine sees the same one.
        head: the machine that the run was started on.
        finished: the ids that the folder holds, in the object store.
        coordinator: the actor that all of them ask.
    """

    settings: Settings
    run_id: str
    folder: Path
    head: str
    finished: Any
    coordinator: Any


@dataclass
class Report:
    """What became of a shard, in terms that every process knows.

    Attributes:
        worker: which actor it comes from.
        active: shards that the actor still works on.
        results: status, reason, id, and numbers of accepted and rejected claims, of each abstract.
        present: abstracts that the output had already.
        duplicates: entries that occurred before in the run.
        spending: what was paid for since the actor's last report.
        stopped: whether there is no budget left for the rest of the shard.
        error: name and message of what has to end the run.
    """

    worker: str
    active: int = 0
    results: list[tuple[Status, str | None, str, int, int]] = field(default_factory=list)
    present: int = 0
    duplicates: int = 0
    spending: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False
    error: tuple[str, str] | None = None


def name_machine() -> str:
    """The name that tells this machine from the others."""
    return platform.node() or "localhost"


class ShardWorker:
    """A shard in, rows out: into a file of its own, with a report of what became of it."""

    def __init__(self, assignment: Assignment) -> None:
        """Keep what to do; what may fail is done with the first shard, where it can be told."""
        self._assignment = assignment
        self._pipeline: Pipeline | None = None
        self._finished = ray.get(assignment.finished)
        self._reported = Spending()
        self._active = 0
        # Where an actor ends, and with it its connections, is for Ray to say.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self._name: str = ray.get_runtime_context().get_actor_id()

    async def __call__(self, block: pa.Table) -> AsyncIterator[pa.Table]:
        """Do the shards of a block."""
        for text in block[SHARD].to_pylist():
            report = Report(self._name)
            self._active += 1
            try:
                await self._work(text, report)
            except ExtractorError as error:
                report.error = type(error).__name__, str(error)
            except Exception as error:  # noqa: BLE001
                # What vendors raise may not survive the way to another process.
                _log.error("%s", redact(traceback.format_exc()))
                name = type(error).__name__
                reason = f"internal error, please report: {name}: {redact(str(error))}"
                report.error = ExtractorError.__name__, reason
            finally:
                self._active -= 1
            report.active = self._active
            report.spending = self._take_spending()
            yield pa.table({REPORT: [json.dumps(asdict(report))]})

    async def _work(self, text: str, report: Report) -> None:
        assigned = self._assignment
        pipeline = self._pipeline = self._pipeline or _open_pipeline(assigned)
        path = parts.name_part(assigned.folder, assigned.run_id, text)
        entries = decode_shard(text)
        ids = np.array([int(pipeline.extraction_id(entry), 16) for entry in entries], np.uint64)
        is_first = await assigned.coordinator.claim.remote(path.stem, ids)
        is_present = _occur(ids, self._finished)
        shard = _Shard(list(compress(entries, is_first & ~is_present)))
        report.duplicates = int(np.count_nonzero(~is_first))
        # An actor that died after it had written, and before it could say so, is not repeated.
        if await asyncio.to_thread(path.exists):
            shard.results = await asyncio.to_thread(parts.read_part, path)
        else:
            try:
                await self._extract(pipeline, shard, report)
            finally:
                if shard.results:
                    await asyncio.to_thread(parts.write_part, path, shard.results)
        report.results = [_summarise(result) for result in shard.results]
        # Among those that were left to do, some may have been screened before.
        left = 0 if report.stopped else len(shard.entries) - len(shard.results)
        report.present = int(np.count_nonzero(is_first & is_present)) + left

    async def _extract(self, pipeline: Pipeline, shard: "_Shard", report: Report) -> None:
        while True:
            finished = shard.list_finished()

            def skip(extraction_id: str, finished: set[str] = finished) -> bool:
                # What the output has and was screened shows only here.
                ids = np.array([int(extraction_id, 16)], np.uint64)
                return extraction_id in finished or bool(_occur(ids, self._finished)[0])

            try:
                stream = pipeline.stream(shard.entries, skip)
                async with aclosing(stream) as batches:
                    async for batch in batches:
                        shard.results += batch
                return
            except BudgetReachedError:
                if not await self._borrow(pipeline):
                    report.stopped = True
                    await asyncio.sleep(_REST_S)
                    return

    async def _borrow(self, pipeline: Pipeline) -> bool:
        """Get more to spend; false if nothing is left."""
        loan = await self._assignment.coordinator.lend.remote()
        if loan is None:
            return False
        budget = pipeline.budget
        budget.max_requests = _add(budget.max_requests, loan.max_requests)
        budget.max_cost_usd = _add(budget.max_cost_usd, loan.max_cost_usd)
        return True

    def _take_spending(self) -> dict[str, Any]:
        """What was spent since this was asked the last time."""
        now = replace(self._pipeline.spending) if self._pipeline else Spending()
        before, self._reported = self._reported, now
        return {
            each.name: getattr(now, each.name) - getattr(before, each.name) for each in fields(now)
        }


@dataclass
class _Shard:
    """Entries on their way, and the results of those that are finished."""

    entries: list[Entry]
    results: list[Result] = field(default_factory=list)

    def list_finished(self) -> set[str]:
        return {result.provenance.extraction_id for result in self.results}


def _open_pipeline(assigned: Assignment) -> Pipeline:
    settings = assigned.settings
    folder = find_cache_dir(settings.cache_dir)
    if name_machine() != assigned.head:
        # The folder may be on a disk that machines share, where SQLite cannot be shared.
        folder = folder / _MACHINES / name_machine()
    pipeline = Pipeline(replace(settings, cache_dir=folder))
    pipeline.run_id = assigned.run_id
    return pipeline


def _occur(ids: Ids, known: Ids) -> Mask:
    """Tell which ids are among others that are sorted."""
    if not len(known):
        return np.zeros(len(ids), np.bool_)
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.asarray(known[places] == ids)


def _summarise(result: Result) -> tuple[Status, str | None, str, int, int]:
    numbers = len(result.claims), len(result.rejected)
    return (result.status, result.reason, result.abstract.id, *numbers)


def _add(bound: float | None, more: float | None) -> Any:
    return None if bound is None or more is None else bound + more
