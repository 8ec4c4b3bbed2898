"""Copies results from one store into another."""

from collections.abc import Iterable
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
    runs: set[str] = set()
    copied = 0
    while batch := list(islice(rest, _BATCH)):
        for result in batch:
            made = result.provenance
            if made.run_id not in runs:
                runs.add(made.run_id)
                store.record_run(RunRecord(made.run_id, made.model, made.prompt, made.created))
        store.write(batch)
        copied += len(batch)
    return copied
