"""Runs the benchmarks and writes RESULTS.md: `python -m benchmarks [SECTION...]`."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks import costs, faults, limits, throughput
from benchmarks.results import Table, write_section


@dataclass(frozen=True)
class Section:
    """One table of the results.

    Attributes:
        note: what the reader has to know to read it.
        columns: its heads.
        measure: yields its rows, each as it is measured.
    """

    title: str
    note: str
    columns: tuple[str, ...]
    measure: Callable[[], Iterator[list[str]]]


SECTIONS = {
    "throughput": Section(
        "Throughput and overhead",
        "Medians of three rounds, the contestants one after the other, over 6,000, 16,000 and "
        "8,000 abstracts; the plain loop takes an eighth of them, since it is as fast with few. "
        "`aiohttp` posts the body and parses the answer, and keeps nothing; `instructor` is the "
        "plain loop with a semaphore; `ours` does everything from the cache and the checks to "
        "the row in SQLite. *Ratio* is ours to that contestant.",
        ("setting", "contestant", "abstracts/s", "CPU ms/abstract", "peak MB", "ratio"),
        throughput.compare_throughput,
    ),
    "peers": Section(
        "LangExtract",
        "400 abstracts, 64 in flight (its workers), 200 ms, in an environment of its own. curator "
        "fetches a tokenizer from the net at run time and could not be run here.",
        ("contestant", "abstracts/s", "CPU ms/abstract", "peak MB"),
        throughput.compare_peers,
    ),
    "stragglers": Section(
        "Stragglers",
        "5% of answers take 2 s instead of 200 ms; 24,000 abstracts, one round. What is in flight "
        "takes 0.29 s on average then, so that 256 at a time cannot be more than 883 a second.",
        ("setting", "abstracts/s without", "with", "loss"),
        throughput.measure_stragglers,
    ),
    "second": Section(
        "Second runs",
        "10,000 abstracts, no latency. *Requests* are added up over the runs.",
        ("run", "abstracts/s", "CPU ms/abstract", "requests"),
        throughput.measure_second_runs,
    ),
    "memory": Section(
        "Memory",
        "Whole runs over a generated stream, no latency.",
        ("abstracts", "peak MB", "abstracts/s"),
        throughput.measure_memory,
    ),
    "capped": Section(
        "A server that allows 100 requests a second",
        "1,000 abstracts, Retry-After 1, no configuration; ideal 10 s. The plain loop has "
        "max_retries=2 and openai's own two retries.",
        ("latency", "contestant", "time", "refused", "abstracts lost"),
        limits.measure_capped,
    ),
    "soak": Section(
        "Soak",
        "20,000 abstracts; 5% each of 429, 500, dropped, slow, invalid and truncated answers.",
        ("", "by the server", "by us"),
        limits.soak,
    ),
    "faults": Section(
        "Faults",
        "The peers' columns were measured in November 2026 on the same kind of machine; ours is "
        "measured by this command. An empty field: not measured.",
        ("fault", "LangExtract", "curator", "plain instructor loop", "ours"),
        faults.measure_faults,
    ),
    "requests": Section(
        "What is sent for an abstract",
        "An abstract of 1,300 characters with prompt v1. *Fresh* is what differs from abstract to "
        "abstract, which no provider has cached. Tokens are estimated at four characters each.",
        ("form", "characters", "tokens", "fresh characters", "fresh tokens"),
        costs.measure_requests,
    ),
    "stores": Section(
        "Stores",
        "10,000 results of two claims each, written in batches of 500, opening and closing "
        "included.",
        ("store", "claims", "claims/s"),
        costs.measure_stores,
    ),
    "scoring": Section(
        "Scoring",
        "The labels of `restated`, repeated, against themselves.",
        ("abstracts", "claims", "CPU ms/abstract"),
        costs.measure_scoring,
    ),
}


def main() -> None:
    """Run the named sections, or all, and put each into RESULTS.md when it is done."""
    for name in sys.argv[1:] or SECTIONS:
        section = SECTIONS[name]
        table = Table(section.title, section.note, section.columns)
        print(f"\n{section.title}", flush=True)
        for row in section.measure():
            table.rows.append(row)
            print("  " + " | ".join(row), flush=True)
        write_section(name, table, order=list(SECTIONS))


if __name__ == "__main__":
    main()
