"""Drives jobs at a provider: submits files, follows them, cancels, fetches what is ready."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from openai.types import Batch

from extractor.batch.jobs import (
    CANCELLED,
    COMPLETED,
    ENDED,
    EXPIRED,
    INTENDED,
    LOST,
    UNSENT,
    UPLOADED,
    WAITING,
    Job,
    JobBook,
)
from extractor.batch.journal import Journal
from extractor.batch.plans import find_server
from extractor.batch.provider import (
    BatchServer,
    GoneError,
    QueueFullError,
    describe_problem,
    is_queue_full,
)
from extractor.errors import InputError

Announce = Callable[[str], None]

_ADVICE_LOST = "submit {job.path} again, or give it up with `extractor batch cancel {job.batch_id}`"
_ADVICE_FULL = "it waits; run `extractor batch submit` again when a job has ended, or use --wait"
_ADVICE_ALONE = (
    "no other job of this journal is under way, so that waiting may not help: "
    "export with a smaller --max-lines, or wait for jobs of others"
)


class Driver:
    """The jobs of one journal and the servers they run on."""

    def __init__(self, journal: Journal, announce: Announce) -> None:
        """Take the jobs up where the last process left them.

        Args:
            journal: knows them.
            announce: told in one line what happens.
        """
        self.book = JobBook(journal)
        self._folder = journal.folder
        self._announce = announce
        self._servers: dict[str, BatchServer] = {}
        self.is_stuck = False
        self._tried_alone: int | None = None
        self._crowd: int | None = None

    async def submit(self, paths: Sequence[Path]) -> list[Job]:
        """Submit files, or without any all that is left: interrupted jobs and waiting ones.

        A job is in the journal before it is created. A file that has a job is not submitted
        again, unless the job failed as a whole.

        Raises:
            InputError: a file is not one that was exported.
            ModelError: the server cannot be reached or refuses.
            StoreError: another process is submitting.
        """
        with self.book.alone("submit"):
            if paths:
                # A file that is named twice, or its copy, is one job.
                jobs = _once(self.book.claim(path) for path in paths)
            else:
                jobs = [job for job in self.book.list_open() if job.state in UNSENT]
            for number, job in enumerate(jobs):
                if job.state not in UNSENT:
                    self._announce(f"{job.path} is submitted already: {job.batch_id}, {job.state}")
                elif not await self._send(job):
                    for later in jobs[number + 1 :]:
                        self._hold_back(later)
                    break
        return jobs

    async def refresh(self) -> list[Job]:
        """Ask the servers about all jobs whose answers are not collected."""
        jobs = self.book.list_open()
        for job in jobs:
            if job.batch_id is not None and (_is_running(job) or job.state == LOST):
                await self._follow(job, self._server(job).retrieve(job.batch_id))
                self.book.note_progress(job)
        return jobs

    async def go_on(self) -> list[Job]:
        """Follow all jobs, and submit what waits where there may be room by now.

        There may be if a job has ended since the last attempt. `is_stuck` tells afterwards
        that there is none even for a job that is alone.
        """
        jobs = await self.refresh()
        waiting = [job for job in jobs if job.state == WAITING]
        running = [job for job in jobs if _is_running(job)]
        has_room = self._crowd is None or len(running) < self._crowd
        if waiting and not running:
            self.is_stuck = self._tried_alone == waiting[0].job_id
            self._tried_alone = waiting[0].job_id
            has_room = not self.is_stuck
        if waiting and has_room:
            await self.submit([])
            jobs = await self.refresh()
        if self.is_stuck:
            self._announce(f"{waiting[0].path}: {_ADVICE_ALONE}")
        self._crowd = sum(map(_is_running, jobs))
        return jobs

    async def wait_until_taken(self, interval_s: float) -> list[Job]:
        """Go on until the provider has taken every job, or one stands in its own way.

        Args:
            interval_s: seconds between two looks.
        """
        while True:
            jobs = await self.go_on()
            if self.is_stuck or not any(job.state in (WAITING, "validating") for job in jobs):
                return jobs
            await asyncio.sleep(interval_s)

    async def cancel(self, names: Sequence[str]) -> list[Job]:
        """Cancel jobs by their identifiers or requests files; without any, all of them.

        One that is lost is given up, if it is named.

        Raises:
            InputError: there is no such job under way.
        """
        with self.book.alone("submit"):
            jobs = [
                job for job in self.book.list_open() if job.state not in ENDED or job.state == LOST
            ]
            chosen = [job for job in jobs if job.state != LOST] if not names else []
            for name in names:
                path = str(Path(name).absolute())
                found = [job for job in jobs if name == job.batch_id or path == job.path]
                if not found:
                    raise InputError(
                        f"no job under way for {name}; `extractor batch status` lists them"
                    )
                chosen.extend(found)
            chosen = _once(chosen)
            for job in chosen:
                await self._cancel(job)
        return chosen

    async def fetch(self, job: Job) -> list[Path]:
        """Download the answers of a job that has ended, unless they are here."""
        paths = []
        for kind, file_id in (("output", job.output_file_id), ("errors", job.error_file_id)):
            path = self._folder / f"{job.job_id}-{kind}.jsonl"
            if file_id is None:
                continue
            try:
                if not path.exists():
                    await self._server(job).download(file_id, path)
            except GoneError as error:
                # It must not stand in the way of the others for ever.
                job.problem = f"its {kind} file cannot be had: {error}"
                self._announce(f"{job.name}: {job.problem}")
            else:
                paths.append(path)
        return paths

    async def close(self) -> None:
        """Close the connections."""
        for server in self._servers.values():
            await server.close()

    async def _send(self, job: Job) -> bool:
        """Upload and create what is missing; False if there is no room for it now."""
        server = self._server(job)
        # Only a process that died can have created it without noting so.
        is_resumed = job.state == UPLOADED
        if job.state == WAITING:
            job.renew()
            self.book.save(job)
        if job.input_file_id is None:
            job.input_file_id = await server.upload(self.book.check_file(job), job.token)
            job.state = UPLOADED
            self.book.save(job)
        try:
            batch = await server.create(job, look_first=is_resumed)
        except QueueFullError as full:
            job.state, job.problem = WAITING, str(full)
        else:
            job.batch_id = batch.id
            _note(job, batch)
        self.book.save(job)
        if job.state == WAITING:
            self._announce(f"{job.path}: {job.problem}: {_ADVICE_FULL}")
            return False
        self._announce(f"{job.path}: {job.batch_id}, {job.state}")
        return True

    def _hold_back(self, job: Job) -> None:
        # One that is uploaded may exist already.
        if job.state == INTENDED:
            job.state = WAITING
            self.book.save(job)

    async def _cancel(self, job: Job) -> None:
        server = self._server(job)
        if job.state == UPLOADED and (batch := await server.find(job)) is not None:
            # It was created by a process that died before it could note so.
            job.batch_id = batch.id
        if job.batch_id is None or job.state in (WAITING, LOST):
            job.state, job.is_collected = CANCELLED, 1
        else:
            await self._follow(job, server.cancel(job.batch_id))
        self.book.save(job)

    async def _follow(self, job: Job, asked: Awaitable[Batch]) -> None:
        """Note what the server says of a job; what it does not know stops none of the others."""
        was_lost = job.state == LOST
        try:
            _note(job, await asked)
        except GoneError as error:
            job.state, job.problem = LOST, str(error)
        if job.state == LOST:
            job.problem = f"{job.problem}; {_ADVICE_LOST.format(job=job)}"
            if not was_lost:
                self._announce(f"{job.name}: {job.problem}")

    def _server(self, job: Job) -> BatchServer:
        base_url = find_server(job.plan)
        if base_url not in self._servers:
            self._servers[base_url] = BatchServer(base_url)
        return self._servers[base_url]


def _once(jobs: Iterable[Job]) -> list[Job]:
    return list({job.job_id: job for job in jobs}.values())


def _is_running(job: Job) -> bool:
    return job.state not in (*ENDED, *UNSENT)


def _note(job: Job, batch: Batch) -> None:
    job.state = WAITING if is_queue_full(batch) else batch.status
    job.problem = describe_problem(batch)
    job.output_file_id = batch.output_file_id
    job.error_file_id = batch.error_file_id
    if counts := batch.request_counts:
        job.completed, job.failed, job.total = counts.completed, counts.failed, counts.total
    if job.state in (COMPLETED, EXPIRED) and not job.has_answers:
        said = job.problem or "the server names no file of answers or errors"
        job.state, job.problem = LOST, f"it ended ({batch.status}) without any answer: {said}"


@asynccontextmanager
async def open_driver(folder: Path, announce: Announce) -> AsyncGenerator[Driver, None]:
    """Open the journal in a cache's folder and drive its jobs."""
    with Journal(folder) as journal:
        driver = Driver(journal, announce)
        try:
            yield driver
        finally:
            await driver.close()
