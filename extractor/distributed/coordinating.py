"""What the actors of a run have to agree on: the budget, and who takes what occurs twice."""

from dataclasses import replace
from typing import Any

import numpy as np

from extractor.identifiers import IdentifierSet
from extractor.steering import Budget

# A loan is this part of what is left for each actor, so that none has to stop early while another
# sits on what it does not need; the last of it goes at once.
_LOANS_AHEAD = 2
_SMALLEST_SHARE = 0.001

Ids = np.ndarray[Any, np.dtype[np.uint64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Coordinator:
    """Lends the budget of a run to its workers, and gives each abstract to one of them."""

    def __init__(self, budget: Budget, actors: int) -> None:
        """Set up the books.

        Args:
            budget: of the whole run.
            actors: how many will borrow.
        """
        self._whole = budget
        self._left = replace(budget)
        self._actors = actors
        self._seen = IdentifierSet()
        self._claims: dict[str, Mask] = {}

    def claim(self, shard: str, ids: Ids) -> Mask:
        """Tell which entries of a shard occur for the first time in the run.

        Who asks again for the same shard, since a worker has died with it, is told the same.
        """
        if shard not in self._claims:
            mask = np.empty(len(ids), np.bool_)
            for place, number in enumerate(ids.tolist()):
                mask[place] = self._seen.add(f"{number:016x}")
            self._claims[shard] = mask
        return self._claims[shard]

    def lend(self) -> Budget | None:
        """Lend a part of what is left; None if nothing is.

        What is lent to a worker that dies counts as spent, as most of it will be.
        """
        most, cost_usd = self._left.max_requests, self._left.max_cost_usd
        if most == 0 or cost_usd == 0:
            return None
        loan = Budget()
        if most is not None:
            loan.max_requests = max(1, most // (_LOANS_AHEAD * self._actors))
            self._left.max_requests = most - loan.max_requests
        if cost_usd is not None and self._whole.max_cost_usd is not None:
            is_last = cost_usd <= _SMALLEST_SHARE * self._whole.max_cost_usd
            loan.max_cost_usd = cost_usd if is_last else cost_usd / (_LOANS_AHEAD * self._actors)
            self._left.max_cost_usd = cost_usd - loan.max_cost_usd
        return loan
