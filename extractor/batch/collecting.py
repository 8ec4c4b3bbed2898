"""Fetches the answers of jobs that have ended, and imports them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from extractor.batch.driving import Announce, Driver, open_driver
from extractor.batch.importing import Destination, Import, import_answers
from extractor.batch.jobs import ENDED, LOST, BusyError, Job
from extractor.cache import find_cache_dir

# Between two looks whether another process has finished.
_LOOK_S = 0.2


@dataclass
class Collection:
    """What was collected.

    Attributes:
        jobs: all that were not collected before, as they stand now.
        imports: what the answers brought, once for each time that some were ready.
    """

    jobs: list[Job] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)

    @property
    def under_way(self) -> list[Job]:
        """Jobs that have not ended."""
        return [job for job in self.jobs if job.state not in ENDED]

    @property
    def failed(self) -> list[Job]:
        """Jobs that failed as a whole, or ended without all their answer files."""
        return [
            job for job in self.jobs if job.state in ENDED and (job.problem or not job.has_answers)
        ]


async def collect_answers(
    to: Destination,
    announce: Announce,
    cache_dir: Path | None = None,
    wait_s: float | None = None,
) -> Collection:
    """Download what is ready, onto the disk first, and import it.

    Args:
        to: where results and next requests go.
        announce: told in one line what happens.
        cache_dir: of the export; None means the user's cache folder.
        wait_s: seconds between looks until all jobs have ended; None looks once.

    Raises:
        ModelError: the server cannot be reached or refuses.
        ExtractorError: as `import_answers` does; what was downloaded is imported the next time.
    """
    folder = find_cache_dir(cache_dir)
    collection = Collection()
    seen: dict[int, Job] = {}
    async with open_driver(folder, announce) as driver:
        while True:
            jobs = await (driver.refresh() if wait_s is None else driver.go_on())
            seen |= {job.job_id: job for job in jobs}
            collection.jobs = list(seen.values())
            if ended := [job for job in collection.jobs if _is_ready(job)]:
                async with _take_turn(driver, announce):
                    collection.imports.extend(await _import(ended, driver, to, folder))
            if wait_s is None or driver.is_stuck or not collection.under_way:
                return collection
            await asyncio.sleep(wait_s)


def _is_ready(job: Job) -> bool:
    # One that is lost may turn up again, as with the key that it was submitted with.
    return job.state in ENDED and job.state != LOST and not job.is_collected


async def _import(ended: list[Job], driver: Driver, to: Destination, folder: Path) -> list[Import]:
    still_open = {job.job_id for job in driver.book.list_open()}
    jobs = [job for job in ended if job.job_id in still_open]
    for job in ended:
        job.is_collected = 1
    files = [str(path) for job in jobs for path in await driver.fetch(job)]
    imports = [await import_answers(files, to, folder)] if files else []
    for job in jobs:
        driver.book.save(job)
    return imports


@asynccontextmanager
async def _take_turn(driver: Driver, announce: Announce) -> AsyncGenerator[None, None]:
    """Wait for another process that collects: together, both would count what is new."""
    has_waited = False
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(driver.book.alone("collect"))
                break
            except BusyError as busy:
                if not has_waited:
                    announce(f"{busy.fault}; waiting for it")
                has_waited = True
                await asyncio.sleep(_LOOK_S)
        yield
