import asyncio
import tracemalloc
from collections.abc import Iterator

import pytest

from extractor.documents import Abstract
from extractor.estimates import estimate_run
from extractor.settings import Settings


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def test_what_would_be_asked_takes_few_bytes_to_remember(traced: None) -> None:
    number = 2000
    held: list[int] = []

    def read() -> Iterator[Abstract]:
        for index in range(number + 1):
            if index in (1, number):
                held.append(tracemalloc.get_traced_memory()[0])
            yield Abstract(id=f"p{index}", text=f"FooNet {index} wins.")

    settings = Settings(model="m", base_url="http://127.0.0.1:9/v1")
    estimate = asyncio.run(estimate_run(settings, read(), None))
    assert estimate.to_ask == number + 1
    assert held[1] - held[0] < 100 * number
