"""A run on many machines, from the one that starts it."""

import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from extractor import errors
from extractor.cache import find_cache_dir
from extractor.errors import ConfigError, ExtractorError
from extractor.pipeline import Pipeline
from extractor.runs import Tally
from extractor.settings import Settings
from extractor.steering import Budget

try:
    import ray
    import ray.data

    from extractor.distributed.coordinating import Coordinator
    from extractor.distributed.parts import open_folder, read_finished
    from extractor.distributed.shards import ShardSource
    from extractor.distributed.shares import count_actors, divide_settings
    from extractor.distributed.worker import REPORT, Assignment, Report, ShardWorker, name_machine
except ModuleNotFoundError as missing:
    raise ConfigError(
        f"--engine ray needs {missing.name}: pip install 'claim-extractor[ray]'"
    ) from missing

# An actor is busy for a whole processor; what is left over reads.
_ACTOR_CPUS = 0.75
_READER_CPUS = 0.25
# One shard more than is worked on waits in each actor; two at once, so that the slow answers of
# one do not hold up the next.
_SHARDS_AT_ONCE = 2
_SHARDS_AT_HAND = 3


def run_distributed(  # noqa: PLR0913 - where from, where to, and who is told
    settings: Settings,
    source: ShardSource,
    output: str,
    tally: Tally,
    *,
    address: str | None = None,
    report: Callable[[Tally], None] | None = None,
) -> None:
    """Extract on all machines of a Ray cluster, into a folder of Parquet files.

    Each file holds the results of one shard and appears as a whole. Extractions that the folder
    holds are left out; those that failed are tried again, and stand beside the failed ones.

    Args:
        settings: limits and budget count for the whole run.
        source: what every machine can read.
        output: a folder that every machine sees.
        tally: where each shard is counted; `stopped` says if the budget was reached.
        address: of a running cluster; None starts one on this machine, unless RAY_ADDRESS names
            another.
        report: called with the tally after each shard.

    Raises:
        ConfigError: the settings cannot work, or there is no cluster.
        InputError: the source cannot be read at all.
        ExtractorError: what else stopped the run; finished shards are in the folder.
    """
    settings = _spell_out(settings)
    # Here is found out what would be wrong everywhere.
    run_id = Pipeline(replace(settings, cache=False)).run_id
    source.check()
    with open_folder(output) as folder, _connect(address):
        finished = ray.put(read_finished(folder))
        actors = count_actors(settings, ray.cluster_resources().get("CPU", 1.0))
        assignment = Assignment(
            settings=divide_settings(settings, actors),
            run_id=run_id,
            folder=folder,
            head=name_machine(),
            finished=finished,
            coordinator=_open_coordinator(settings, actors),
        )
        for each in _stream(source, assignment, actors):
            _add(tally, each)
            if report is not None:
                report(tally)
            if each.stopped:
                tally.stopped = _describe_budget(settings)


def _spell_out(settings: Settings) -> Settings:
    """Name folders so that they are found from wherever a worker runs."""
    chosen = settings.cache_dir or os.environ.get("EXTRACTOR_CACHE_DIR")
    prompt = Path(settings.prompt)
    return replace(
        settings,
        cache_dir=find_cache_dir(Path(chosen)) if chosen else None,
        prompt=str(prompt.absolute()) if prompt.is_dir() else settings.prompt,
    )


@contextmanager
def _connect(address: str | None) -> Iterator[None]:
    """Use the cluster that this process is in already, or join or start one."""
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    # A short source gives fewer shards than there are actors.
    warnings.filterwarnings("ignore", "The minimum number of concurrent actors", UserWarning)
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address=address, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError) as error:
        where = f"at {address}" if address else "on this machine"
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"no Ray cluster {where}: {reason}; give the address that `ray start --head` prints"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _open_coordinator(settings: Settings, actors: int) -> Any:
    budget = Budget(settings.max_cost_usd, settings.max_requests)
    return ray.remote(Coordinator).options(num_cpus=0).remote(budget, actors)


def _stream(source: ShardSource, assignment: Assignment, actors: int) -> Iterator[Report]:
    """Do the work; the end comes early where no actor has anything left to spend."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # A block is a shard: whatever is larger would be done by one actor alone.
    context.target_max_block_size = 1
    shards = ray.data.read_datasource(
        source, override_num_blocks=len(source.files), num_cpus=_READER_CPUS
    )
    reports = shards.map_batches(
        ShardWorker,
        fn_constructor_args=(assignment,),
        batch_size=None,
        batch_format="pyarrow",
        num_cpus=_ACTOR_CPUS,
        compute=ray.data.ActorPoolStrategy(
            size=actors,
            max_tasks_in_flight_per_actor=_SHARDS_AT_HAND,
            max_concurrent_calls_per_actor=_SHARDS_AT_ONCE,
        ),
    )
    at_rest: set[str] = set()
    try:
        for row in reports.iter_rows():
            report = Report(**json.loads(row[REPORT]))
            yield report
            if report.error is not None:
                kind, message = report.error
                raise getattr(errors, kind)(message)
            if report.stopped and not report.active:
                at_rest.add(report.worker)
            if len(at_rest) == actors:
                return
    except ray.exceptions.RayError as error:
        reason = str(error).strip().rpartition("\n")[2]
        raise ExtractorError(
            f"Ray gave up: {reason}; run the same command again to go on"
        ) from error


def _add(tally: Tally, report: Report) -> None:
    for status, reason, identifier, accepted, rejected in report.results:
        tally.count(status, reason, identifier, accepted, rejected)
    tally.present += report.present
    tally.duplicates += report.duplicates
    for name, amount in report.spending.items():
        setattr(tally.spending, name, getattr(tally.spending, name) + amount)


def _describe_budget(settings: Settings) -> str:
    bounds = []
    if settings.max_requests is not None:
        bounds.append(f"{settings.max_requests:,} requests")
    if settings.max_cost_usd is not None:
        bounds.append(f"${settings.max_cost_usd:,.4f}")
    return f"the budget of {' and '.join(bounds)} is used up"
