"""Command lines in processes of their own that are killed while they ask."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.model_server import ModelServer


def start(cache: Path, *arguments: object) -> "subprocess.Popen[bytes]":
    """Start `extractor` with a cache of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "extractor", *map(str, arguments)],
        env={**os.environ, "EXTRACTOR_CACHE_DIR": str(cache)},
        stderr=subprocess.DEVNULL,
    )


def kill_at_random(
    server: ModelServer, process: "subprocess.Popen[bytes]", most_requests: int
) -> None:
    """Kill a process with -9 a moment after it has sent one to so many requests."""
    sent = random.randint(1, most_requests)
    server.wait_for_requests(len(server.requests) + sent, process)
    time.sleep(random.uniform(0, 0.1))
    process.kill()
    process.wait()
