"""How many abstracts a second, and at what cost in CPU, beside others in the same run."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.running import run_contestant, serving
from benchmarks.server import Behaviour
from benchmarks.texts import make_abstracts

_ROUNDS = 3
# The plain loop is as fast with few as with many.
_SHARES = {"instructor": 8}
_RIVALS = ("aiohttp", "instructor")


@dataclass(frozen=True)
class Load:
    """One setting: so many abstracts, so many in flight, so much latency."""

    name: str
    count: int
    in_flight: int
    latency_s: float = 0.0
    stragglers: float = 0.0


LOADS = (
    Load("64 in flight, 200 ms", 6_000, 64, 0.2),
    Load("512 in flight, 200 ms", 16_000, 512, 0.2),
    Load("64 in flight, no latency", 8_000, 64),
)


def compare_throughput() -> Iterator[list[str]]:
    """Yield a row for each load and contestant: figures are medians of rounds side by side."""
    for load in LOADS:
        rounds = [{name: _run(load, name) for name in (*_RIVALS, "ours")} for _ in range(_ROUNDS)]
        for name in (*_RIVALS, "ours"):
            ratio = median(each["ours"]["per_s"] / each[name]["per_s"] for each in rounds)
            yield [
                load.name,
                name,
                f"{median(each[name]['per_s'] for each in rounds):,.0f}",
                f"{median(each[name]['cpu_ms'] for each in rounds):.2f}",
                f"{median(each[name]['peak_mb'] for each in rounds):.0f}",
                f"{ratio:.2f}",
            ]


def measure_stragglers() -> Iterator[list[str]]:
    """Yield what a twentieth of answers that take two seconds does to the throughput."""
    for in_flight in (256, 512):
        fast = _run(Load("", 24_000, in_flight, 0.2), "ours")["per_s"]
        slow = _run(Load("", 24_000, in_flight, 0.2, stragglers=0.05), "ours")["per_s"]
        loss = 1 - slow / fast
        yield [f"{in_flight} in flight", f"{fast:,.0f}", f"{slow:,.0f}", f"{100 * loss:.0f}%"]


def measure_second_runs() -> Iterator[list[str]]:
    """Yield the speed of a run whose abstracts are done, or at least answered, already."""
    count = 10_000
    with tempfile.TemporaryDirectory() as folder, serving(Behaviour()) as server:
        for what, store in (
            ("first run", "claims.db"),
            ("second run, same store", "claims.db"),
            ("second run, another store: all from the cache", "other.db"),
        ):
            done = run_contestant("ours", server.url, count, 256, Path(folder), store=store)
            sent = server.counts()["requests"]
            yield [what, f"{done['per_s']:,.0f}", f"{done['cpu_ms']:.2f}", f"{sent:,}"]


def measure_memory(counts: tuple[int, ...] = (10_000, 100_000, 1_000_000)) -> Iterator[list[str]]:
    """Yield peak memory of whole runs of growing length."""
    for count in counts:
        with serving(Behaviour()) as server:
            done = run_contestant("ours", server.url, count, 256)
        yield [f"{count:,}", f"{done['peak_mb']:.0f}", f"{done['per_s']:,.0f}"]


def _run(load: Load, name: str) -> dict[str, float]:
    behaviour = Behaviour(latency_s=load.latency_s, stragglers=load.stragglers)
    with serving(behaviour) as server:
        count = load.count // _SHARES.get(name, 1)
        return run_contestant(name, server.url, count, load.in_flight)


def compare_peers() -> Iterator[list[str]]:
    """Yield LangExtract, if it is installed, and ours under the same load."""
    python = Path("build/peers/bin/python")
    load = Load("", 400, 64, 0.2)
    if not python.exists():
        yield ["langextract", "not installed: `make peers`", "", ""]
        return
    with serving(Behaviour(latency_s=load.latency_s)) as server, _texts(load.count) as texts:
        more = {"python": str(python), "texts": texts}
        theirs = run_contestant("langextract", server.url, load.count, load.in_flight, **more)
    yield _describe("langextract", theirs)
    yield _describe("ours", _run(load, "ours"))


@contextmanager
def _texts(count: int) -> Iterator[str]:
    """A file with the texts, for those whose environment has none of ours."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for abstract in make_abstracts(count):
            file.write(json.dumps({"text": abstract.text}) + "\n")
        file.flush()
        yield file.name


def _describe(name: str, done: dict[str, float]) -> list[str]:
    return [name, f"{done['per_s']:,.0f}", f"{done['cpu_ms']:.2f}", f"{done['peak_mb']:.0f}"]
