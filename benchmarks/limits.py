"""A server that allows so many requests a second, and one that fails in every way."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ours import query_store, run_settings
from benchmarks.running import run_contestant, serving
from benchmarks.server import Behaviour

SOAK_FAULTS = ("refused", "broken", "dropped", "slow", "invalid", "truncated")
_SHARE = 0.05


def measure_capped() -> Iterator[list[str]]:
    """Yield time and refusals of 1,000 abstracts at a server that allows 100 requests a second."""
    for latency_s in (0.0, 0.2):
        for name in ("ours", "instructor"):
            behaviour = Behaviour(latency_s=latency_s, per_second=100)
            with serving(behaviour) as server:
                done = run_contestant(name, server.url, 1_000, 256)
                counts = server.counts()
            yield [
                f"{1000 * latency_s:.0f} ms",
                name,
                f"{done['elapsed_s']:.1f} s",
                f"{100 * counts.get('refused', 0) / counts['requests']:.1f}%",
                f"{done.get('lost', 0):.0f}",
            ]


def soak(count: int = 20_000) -> Iterator[list[str]]:
    """Yield what became of abstracts at a server with faults, by our count and by the server's."""
    behaviour = Behaviour(
        latency_s=0.01,
        straggler_s=0.5,
        retry_after="0.1",
        faults=dict.fromkeys(SOAK_FAULTS, _SHARE),
    )
    with serving(behaviour) as server, tempfile.TemporaryDirectory() as folder:
        done = run_settings(server.url, count, Path(folder), timeout_s=30.0, max_attempts=20)
        counts = server.counts()
        [(rows, stored)] = query_store(
            Path(folder), "SELECT count(*), sum(tokens_in) FROM extractions"
        )
    yield ["abstracts", f"{count:,}", f"{rows:,}"]
    yield ["with claims", "", f"{done['claims']:,}"]
    yield ["failed: truncated or never valid, each with its reason", "", f"{done['failed']:,}"]
    yield ["requests answered", f"{counts['answers']:,}", f"{done['requests']:,}"]
    yield ["tokens in", f"{counts['tokens_in']:,}", f"{done['tokens_in']:,}"]
    yield ["tokens out", f"{counts['tokens_out']:,}", f"{done['tokens_out']:,}"]
    yield ["tokens in, added up from the store", "", f"{stored:,}"]
    yield ["faults met", f"{sum(counts.get(name, 0) for name in SOAK_FAULTS):,}", ""]
    yield ["abstracts a second", "", f"{count / done['elapsed_s']:,.0f}"]
