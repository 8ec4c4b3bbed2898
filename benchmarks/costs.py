"""What is sent for an abstract, and how fast stores and scorer are."""

import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from psycopg import OperationalError, connect

from benchmarks.ours import extract_all
from benchmarks.running import serving
from benchmarks.server import Behaviour
from benchmarks.texts import make_abstracts
from extractor.asking.forms import BodyEncoder, build_forms
from extractor.asking.protocol import Request
from extractor.documents import Abstract
from extractor.estimates import ASSUMED_CHARS_PER_TOKEN
from extractor.evaluation import Prediction, load_gold, score
from extractor.prompting import load_prompt
from extractor.resources import data_folder
from extractor.results import Result
from extractor.stores import RunRecord, open_store
from extractor.stores.reading import read_results

_BATCH = 500
_ABSTRACTS = 10_000
_POSTGRES = os.environ.get("EXTRACTOR_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


def measure_requests() -> Iterator[list[str]]:
    """Yield the size of a request for each mode: all of it, and what no provider has cached."""
    abstract = next(make_abstracts(1))
    for form in build_forms(load_prompt("v1"), "json_schema"):
        encoder = BodyEncoder(form, {"model": "fake"})
        body = encoder.encode(Request(abstract))
        empty = encoder.encode(Request(Abstract(id="x", text="")))
        fresh = len(body) - len(empty)
        yield [
            form.name,
            f"{len(body):,}",
            f"{len(body) / ASSUMED_CHARS_PER_TOKEN:,.0f}",
            f"{fresh:,}",
            f"{fresh / ASSUMED_CHARS_PER_TOKEN:,.0f}",
        ]


def measure_stores() -> Iterator[list[str]]:
    """Yield claims a second into each store, in batches of the engine's size."""
    results = _make_results(_ABSTRACTS)
    # A run does not hold them all, so that garbage collection need not walk them all.
    gc.freeze()
    claims = sum(len(result.claims) for result in results)
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("claims.db", "claims.jsonl", "claims.parquet"):
            seconds = _write(f"{folder}/{kind}", results)
            yield [kind, f"{claims:,}", f"{claims / seconds:,.0f}"]
    try:
        with _scratch_schema() as target:
            seconds = _write(target, results)
    except OperationalError as error:
        yield ["PostgreSQL", "", f"not measured: {str(error).splitlines()[0]}"]
    else:
        yield ["PostgreSQL", f"{claims:,}", f"{claims / seconds:,.0f}"]


def measure_scoring(abstracts: int = 2_000) -> Iterator[list[str]]:
    """Yield how long it takes to score predictions of five claims an abstract."""
    labels = load_gold(data_folder("evals") / "gold" / "restated.jsonl")
    repeated = [
        document.model_copy(update={"id": f"{document.id}-{number}"})
        for number in range(abstracts // len(labels))
        for document in labels
    ]
    found = {document.id: Prediction.of(document.claims) for document in repeated}
    started = time.process_time()
    score(repeated, found).figures()
    seconds = time.process_time() - started
    claims = sum(len(document.claims) for document in repeated)
    yield [f"{len(repeated):,}", f"{claims:,}", f"{1000 * seconds / len(repeated):.2f}"]


@contextmanager
def _scratch_schema() -> Iterator[str]:
    """The address of an empty schema, which is dropped in the end."""
    name = "claim_extractor_benchmark"
    with connect(_POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        connection.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{_POSTGRES}?options=-csearch_path%3D{name}"
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def _write(target: str, results: Sequence[Result]) -> float:
    """Write all results with the run that they belong to, and return the seconds it took."""
    first = results[0].provenance
    run = RunRecord(first.run_id, first.model, first.prompt, first.created)
    remaining = iter(results)
    started = time.perf_counter()
    with closing(open_store(target, sys.stdout)) as store:
        store.record_run(run)
        while batch := list(islice(remaining, _BATCH)):
            store.write(batch)
    return time.perf_counter() - started


def _make_results(count: int) -> list[Result]:
    with serving(Behaviour()) as server, tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        asyncio.run(extract_all(server.url, make_abstracts(count), path, "claims.jsonl"))
        return list(read_results(f"{folder}/claims.jsonl"))
