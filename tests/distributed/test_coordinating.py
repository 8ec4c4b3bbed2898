"""How a budget and a limit are divided; no cluster is needed for it."""

import numpy as np
import pytest

from extractor.distributed.coordinating import Coordinator
from extractor.distributed.shares import count_actors, divide_settings
from extractor.settings import Settings
from extractor.steering import Budget


@pytest.mark.parametrize("most", [0, 1, 7, 1000, 123_457])
@pytest.mark.parametrize("actors", [1, 2, 64])
def test_loans_of_requests_add_up_to_the_budget(most: int, actors: int) -> None:
    coordinator = Coordinator(Budget(max_requests=most), actors)
    loans = [loan.max_requests or 0 for loan in iter(coordinator.lend, None) if loan]
    assert sum(loans) == most
    assert all(loan >= 1 for loan in loans)
    assert max(loans, default=1) <= max(1, most // actors)


@pytest.mark.parametrize("cost_usd", [0.0, 0.01, 250.0])
def test_loans_of_money_add_up_to_the_budget_and_come_to_an_end(cost_usd: float) -> None:
    coordinator = Coordinator(Budget(max_cost_usd=cost_usd), 8)
    loans = [loan.max_cost_usd or 0.0 for loan in iter(coordinator.lend, None) if loan]
    assert sum(loans) == pytest.approx(cost_usd)
    assert len(loans) < 1000
    assert max(loans, default=0.0) <= cost_usd / 8


def test_either_bound_ends_the_loans() -> None:
    coordinator = Coordinator(Budget(max_cost_usd=1.0, max_requests=3), 1)
    loans = [loan for loan in iter(coordinator.lend, None) if loan]
    assert sum(loan.max_requests or 0 for loan in loans) == 3
    assert sum(loan.max_cost_usd or 0.0 for loan in loans) < 1.0


def test_an_abstract_belongs_to_the_shard_that_asks_first_and_stays_its_own() -> None:
    coordinator = Coordinator(Budget(), 2)
    first = np.array([1, 2, 2, 2**63], np.uint64)
    assert coordinator.claim("a", first).tolist() == [True, True, False, True]
    assert coordinator.claim("b", np.array([2, 3], np.uint64)).tolist() == [False, True]
    # A worker that died with its shard has left it to another one.
    assert coordinator.claim("a", first).tolist() == [True, True, False, True]


def test_no_share_is_too_small_to_ask_at_all() -> None:
    settings = Settings(model="m", concurrency=100, rpm=30, tpm=90_000)
    actors = count_actors(settings, 64.0)
    assert actors == 30
    share = divide_settings(settings, actors)
    assert (share.concurrency, share.rpm, share.tpm) == (3, 1.0, 3000.0)
    assert (share.max_requests, share.max_cost_usd) == (None, None)
    assert count_actors(Settings(model="m"), 64.0) == 64
    assert count_actors(Settings(model="m", concurrency=1), 64.0) == 1
    assert count_actors(Settings(model="m"), 0.5) == 1
