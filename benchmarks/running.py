"""Starts server and contestants and gathers what they measured."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.server import Behaviour

_LONGEST_S = 3600


@dataclass(frozen=True)
class Server:
    """A running fake model server."""

    url: str

    def counts(self) -> dict[str, int]:
        """What it has counted so far."""
        with urllib.request.urlopen(f"{self.url}/counts") as response:
            return dict(json.load(response))


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    """Run a fake model server while the block lasts."""
    command = [sys.executable, "-m", "benchmarks.server", json.dumps(asdict(behaviour))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(f"http://127.0.0.1:{process.stdout.readline().strip()}/v1")
        finally:
            process.terminate()


def run_contestant(
    name: str, url: str, count: int, in_flight: int, folder: Path | None = None, **more: Any
) -> dict[str, float]:
    """Run one contestant to its end and return what it measured.

    Args:
        name: one of `contestants.CONTESTANTS`.
        url: the server.
        count: abstracts.
        in_flight: requests at the most.
        folder: for cache and store; a fresh one if None.
        more: for the contestant's job; `python` is the interpreter that runs it.
    """
    python = more.pop("python", sys.executable)
    with tempfile.TemporaryDirectory() as fresh:
        job = {"url": url, "count": count, "in_flight": in_flight, "folder": str(folder or fresh)}
        command = [python, "-m", "benchmarks.contestants", name, json.dumps(job | more)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LONGEST_S, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
