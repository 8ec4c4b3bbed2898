"""What the batch commands print: summaries on standard error, jobs on standard output."""

import json
from typing import TYPE_CHECKING

import typer

from extractor.formatting import show_controls

if TYPE_CHECKING:
    from extractor.batch import Export, Import, Job
    from extractor.batch.request_files import WrittenFile

_JOB_FIELDS = (
    "path", "batch_id", "state", "completed", "failed", "total", "lines", "problem", "created",
)  # fmt: skip


def report_export(done: "Export", *, as_json: bool) -> None:
    """Print how many requests were written, where, and why not more."""
    if as_json:
        counts = ("read", "requests", "answered", "under_way", "repeated", "unreadable")
        record = {name: getattr(done, name) for name in counts}
        _print_json({**record, "files": _list_files(done.written)})
        return
    from extractor.cli.progress import count

    parts = [count(done.read, "abstract"), count(done.requests, "request")]
    for number, what in (
        (done.answered, "answered already"),
        (done.under_way, "in jobs under way"),
        (done.repeated, "the same as others"),
        (done.unreadable, "unreadable"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    announce(" · ".join(parts))
    for fault in done.faults:
        announce(f"  unreadable: {fault}")
    _report_files(done.written)
    if done.written:
        names = " ".join(str(file.path) for file in done.written)
        announce(f"Next: extractor batch submit {names}, or hand them to any batch server.")
    elif done.answered:
        announce("Nothing to ask; `extractor run` with the same options stores what is answered.")


def report_import(done: "Import", *, as_json: bool) -> None:
    """Print what the answer files held and what became of the abstracts."""
    if as_json:
        _print_json(_describe_import(done))
        return
    from extractor.cli.progress import count, summarise

    intake = done.intake
    parts = [count(intake.answers, "new answer")]
    for number, what in (
        (intake.known, "known before"),
        (intake.faults["passing"], "to ask again"),
        (intake.faults["permanent"], "failed for good"),
        (intake.faults["refused"], "refused"),
        (intake.foreign, "of other requests"),
        (intake.invalid, "invalid"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    announce(" · ".join(parts))
    for note in intake.notes:
        announce(f"  {note}")
    for tally in done.tallies:
        announce(summarise(tally))
        for identifier, reason in tally.failures:
            announce(f"  failed: {identifier}: {reason}")
    _report_files(done.written)
    if done.waiting:
        announce(
            f"{count(done.waiting, 'abstract')} without an answer whose requests are exported: "
            "import the rest of the answers, or export the papers again to ask what is open."
        )
    if done.unwritten:
        announce(f"{count(done.unwritten, 'question')} to ask next; --next FILE writes them.")


def announce(line: str) -> None:
    """Print what has just happened, on standard error."""
    typer.echo(show_controls(line), err=True)


def report_jobs(jobs: "list[Job]", *, as_json: bool) -> None:
    """Print jobs on standard output, one a line."""
    for job in jobs:
        if as_json:
            typer.echo(json.dumps({name: getattr(job, name) for name in _JOB_FIELDS}))
            continue
        total = job.total or job.lines
        parts = [job.path, job.batch_id or "-", job.state]
        parts.append(f"{job.completed:,} of {total:,} answered")
        if job.failed:
            parts.append(f"{job.failed:,} failed")
        typer.echo(show_controls(" · ".join(parts)))
        if job.problem:
            typer.echo(show_controls(f"  {job.problem}"))
    if not jobs and not as_json:
        announce("No jobs.")


def _describe_import(done: "Import") -> dict[str, object]:
    intake = done.intake
    return {
        "answers": intake.answers,
        "known": intake.known,
        **{f"rows_{kind}": number for kind, number in intake.faults.items()},
        "foreign": intake.foreign,
        "invalid": intake.invalid,
        "open": done.open,
        "waiting": done.waiting,
        "unwritten": done.unwritten,
        "files": _list_files(done.written),
        "exports": [tally.to_record() for tally in done.tallies],
    }


def _report_files(written: list["WrittenFile"]) -> None:
    from extractor.cli.progress import count

    for file in written:
        announce(f"  {file.path}: {count(file.lines, 'request')}")


def _list_files(written: list["WrittenFile"]) -> list[dict[str, object]]:
    return [{"path": str(file.path), "requests": file.lines} for file in written]


def _print_json(record: dict[str, object]) -> None:
    typer.echo(json.dumps(record), err=True)
