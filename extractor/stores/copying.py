"""Copies results from one store into another."""

from collections.abc import Iterable, Mapping
from itertools import islice

from extractor.results import Result
from extractor.stores.protocol import RunRecord, Store

_BATCH = 500


def copy_results(results: Iterable[Result], store: Store) -> int:
    """Write results into a store, a batch at a time, with the runs that they are of.

    Of a run that the store does not know, its first result tells when it began.

    Returns:
        How many results there were.

    Raises:
        StoreError: they could not be written.
    """
    rest = iter(results)
    known: set[str] = set()
    copied = 0
    while batch := list(islice(rest, _BATCH)):
        record_runs(batch, store, known, {})
        store.write(batch)
        copied += len(batch)
    return copied


def record_runs(
    results: Iterable[Result], store: Store, known: set[str], runs: Mapping[str, RunRecord]
) -> None:
    """Make runs known to a store before their first results are.

    Args:
        results: that are about to be written.
        store: where to.
        known: the runs that it knows; others are added.
        runs: what is recorded of some; of the others their first results tell.

    Raises:
        StoreError: it could not be written.
    """
    for result in results:
        made = result.provenance
        if made.run_id not in known:
            known.add(made.run_id)
            told = RunRecord(made.run_id, made.model, made.prompt, started=made.created)
            store.record_run(runs.get(made.run_id, told))
