"""Jobs at a provider, as the journal remembers them."""

import hashlib
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from extractor.batch.journal import Journal, read_clock
from extractor.errors import InputError, StoreError

INTENDED = "intended"
UPLOADED = "uploaded"
WAITING = "waiting"
UNSENT = (INTENDED, UPLOADED, WAITING)
COMPLETED = "completed"
EXPIRED = "expired"
FAILED = "failed"
CANCELLED = "cancelled"
LOST = "lost"
ENDED = (COMPLETED, EXPIRED, FAILED, CANCELLED, LOST)

_DOING = {"submit": "submitting jobs", "collect": "collecting answers"}
_KEPT = (
    "token", "state", "input_file_id", "batch_id", "output_file_id", "error_file_id",
    "completed", "failed", "total", "problem", "is_collected",
)  # fmt: skip
_PROGRESS = (
    "state", "output_file_id", "error_file_id", "completed", "failed", "total", "problem",
)  # fmt: skip
_READ = """
    SELECT jobs.*, files.path, files.lines, exports.plan FROM jobs
    JOIN files USING (file_id) JOIN exports USING (export_id)
"""


class BusyError(StoreError):
    """Another process is about a task that only one may be about.

    Attributes:
        fault: what it is doing, without what to do about it.
    """

    def __init__(self, doing: str) -> None:
        self.fault = f"another process is {doing}"
        super().__init__(f"{self.fault}; wait for it, then run this again")


@dataclass
class Job:
    """One requests file on its way through a provider.

    Attributes:
        token: stands in the job's metadata, so that it is found again after a crash.
        state: `intended`, `uploaded`, `waiting` (for room under the provider's limit) and `lost`
            (the server no longer knows it, or it ended without any file) are ours, the others are
            the provider's.
        completed, failed, total: requests, as the provider counts them.
        problem: why it failed or waits, in one line.
        is_collected: whether its answers are imported.
        created: in ISO 8601, UTC.
        path: of the requests file.
        lines: requests in it.
        plan: of its export, as JSON.
    """

    job_id: int
    token: str
    file_id: int
    state: str
    input_file_id: str | None
    batch_id: str | None
    output_file_id: str | None
    error_file_id: str | None
    completed: int
    failed: int
    total: int
    problem: str | None
    is_collected: int
    created: str
    path: str
    lines: int
    plan: str

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.batch_id or self.path

    @property
    def has_answers(self) -> bool:
        """Whether the provider names a file of answers or errors."""
        return bool(self.output_file_id or self.error_file_id)

    @property
    def is_void(self) -> bool:
        """Whether nothing comes of it, so that its file may be submitted once more."""
        return self.state in (FAILED, LOST) or (self.state == CANCELLED and not self.has_answers)

    def renew(self) -> None:
        """Make it a job to be created once more from the file that is uploaded."""
        self.token = uuid.uuid4().hex
        self.state = UPLOADED if self.input_file_id else INTENDED
        self.batch_id = self.output_file_id = self.error_file_id = None


class JobBook:
    """Reads and writes the jobs of a journal; every change is on the disk at once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def claim(self, path: Path) -> Job:
        """The job of a requests file: the one it has, or a new one that is only intended.

        A new one takes the place of those that nothing comes of.

        Raises:
            InputError: the file is not as it was exported, or its requests were exported again.
        """
        file_id = self._find_file(path)
        self._journal.write(
            "UPDATE files SET path = ? WHERE file_id = ?", str(path.absolute()), file_id
        )
        jobs = self._read("WHERE jobs.file_id = ? ORDER BY job_id DESC LIMIT 1", file_id)
        if jobs and not jobs[0].is_void:
            return jobs[0]
        self._close_void(file_id)
        number = self._journal.insert(
            "jobs", token=uuid.uuid4().hex, file_id=file_id, state=INTENDED, created=read_clock()
        )
        self._journal.commit()
        return self._read("WHERE job_id = ?", number)[0]

    def save(self, job: Job) -> None:
        """Write down what is known of a job now."""
        record = asdict(job)
        assignments = ", ".join(f"{name} = ?" for name in _KEPT)
        values = [record[name] for name in _KEPT]
        self._journal.write(
            f"UPDATE jobs SET {assignments} WHERE job_id = ?",  # noqa: S608
            *values,
            job.job_id,
        )
        self._journal.commit()

    def note_progress(self, job: Job) -> None:
        """Write down what the provider says, unless the job was created anew meanwhile."""
        record = asdict(job)
        assignments = ", ".join(f"{name} = ?" for name in _PROGRESS)
        values = [record[name] for name in _PROGRESS]
        self._journal.write(
            f"UPDATE jobs SET {assignments} WHERE job_id = ? AND batch_id = ?",  # noqa: S608
            *values,
            job.job_id,
            job.batch_id,
        )
        self._journal.commit()

    def check_file(self, job: Job) -> Path:
        """The path of a job's requests, as long as it holds just these.

        Raises:
            InputError: the file is gone or holds others.
        """
        path = Path(job.path)
        (row,) = self._journal.query("SELECT sha256 FROM files WHERE file_id = ?", job.file_id)
        if _hash_file(path) != row["sha256"]:
            raise InputError(
                f"{path} no longer holds the requests of this job; give the job up "
                f"(extractor batch cancel {path}), then export the papers again"
            )
        return path

    def list_open(self) -> list[Job]:
        """The jobs whose answers are not collected, in the order in which they were begun."""
        return self._read("WHERE NOT is_collected ORDER BY job_id")

    def list_all(self) -> list[Job]:
        """All jobs."""
        return self._read("ORDER BY job_id")

    @contextmanager
    def alone(self, task: Literal["submit", "collect"]) -> Iterator[None]:
        """Let no other process be about the same task meanwhile.

        Raises:
            BusyError: another one is.
        """
        lock = self._journal.folder / f"{task}.lock"
        # SQLite's lock works on every platform and dies with its process.
        with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as holder:
            try:
                holder.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise BusyError(_DOING[task]) from error
            yield

    def _close_void(self, file_id: int) -> None:
        """Look no longer for the lost jobs of a file, and of those that were exported again."""
        self._journal.write(
            "UPDATE jobs SET is_collected = 1 WHERE file_id = ? OR state = ? AND NOT EXISTS "
            "(SELECT 1 FROM questions WHERE questions.file_id = jobs.file_id)",
            file_id,
            LOST,
        )

    def _find_file(self, path: Path) -> int:
        rows = self._journal.query(
            "SELECT file_id, lines, (SELECT count(*) FROM questions "
            "WHERE questions.file_id = files.file_id) AS current "
            "FROM files WHERE sha256 = ? ORDER BY file_id DESC LIMIT 1",
            _hash_file(path),
        )
        if not rows:
            raise InputError(
                f"{path} was not written by `extractor batch export` with this cache, or was "
                "changed since; export the papers again"
            )
        row = rows[0]
        if row["current"] < row["lines"]:
            raise InputError(
                f"{path}: {row['lines'] - row['current']} of its {row['lines']} requests were "
                "exported again since; submit the newer file, or export the papers once more"
            )
        return int(row["file_id"])

    def _read(self, condition: str, *values: object) -> list[Job]:
        rows = self._journal.query(f"{_READ} {condition}", *values)
        return [Job(**{name: row[name] for name in Job.__dataclass_fields__}) for row in rows]


def _hash_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
