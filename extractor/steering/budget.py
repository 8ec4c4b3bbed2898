"""What a run has spent, and what it may spend."""

import asyncio
from dataclasses import dataclass

from extractor.asking import Answer, Asker, AskerLayer, Request, Usage
from extractor.errors import BudgetReachedError, ConfigError


@dataclass
class Spending:
    """What was paid for; answers from the cache count nowhere.

    Attributes:
        requests: answers that were paid for.
        unpriced: those of them whose price is not known.
    """

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0

    def add(self, answer: Answer, price_usd: float | None) -> None:
        """Count an answer that was just paid for."""
        self.requests += 1
        self.tokens_in += answer.usage.tokens_in
        self.tokens_out += answer.usage.tokens_out
        self.tokens_cached += answer.usage.tokens_cached
        self.cost_usd += price_usd or 0.0
        self.unpriced += price_usd is None


@dataclass
class Budget:
    """What a run may spend; None for no bound.

    Attributes:
        max_cost_usd: it is exceeded by no more than the deviation from the mean of the answers
            that are waited for, or by the first answer, which tells what one costs.
        max_requests: those that fail count, those that the server refuses do not.
    """

    max_cost_usd: float | None = None
    max_requests: int | None = None


def require_price(asker: Asker) -> None:
    """Make sure that what an asker's answers cost is known.

    Raises:
        ConfigError: it is not, so that no budget in money can be kept.
    """
    probe = Answer(message={}, usage=Usage(tokens_in=1000, tokens_out=100), created="")
    if asker.price(probe) is None:
        raise ConfigError(
            f"the price of {asker.model} is not known: use --max-requests instead of --max-cost"
        )


class BudgetedAsker(AskerLayer):
    """Keeps the books, and asks nothing more when the budget is used up."""

    def __init__(self, inner: Asker, spending: Spending, budget: Budget) -> None:
        """Set a budget.

        Args:
            inner: what is paid.
            spending: where every answer is counted.
            budget: the bounds, which may be raised while the run goes on.
        """
        super().__init__(inner)
        self._spending = spending
        self._budget = budget
        self._begun = 0
        self._in_flight = 0
        self._has_ended = asyncio.Event()

    async def ask(self, request: Request) -> Answer:
        """Ask, if there is budget left for it, as soon as that is certain.

        Raises:
            BudgetReachedError: there is none.
        """
        while not self._has_room():
            self._has_ended.clear()
            await self._has_ended.wait()
        self._begun += 1
        self._in_flight += 1
        try:
            answer = await self.inner.ask(request)
            self._spending.add(answer, self.price(answer))
        finally:
            self._in_flight -= 1
            self._has_ended.set()
        return answer

    def _has_room(self) -> bool:
        """Whether the budget has room for one more beside those in flight; they may yet tell.

        Raises:
            BudgetReachedError: it has none, whatever those in flight cost.
        """
        most, max_cost_usd = self._budget.max_requests, self._budget.max_cost_usd
        if most is not None and self._begun >= most:
            raise BudgetReachedError(f"the budget of {most:,} requests is used up")
        if max_cost_usd is None:
            return True
        spent, answered = self._spending.cost_usd, self._spending.requests
        mean = spent / answered if answered else 0.0
        if self._in_flight:
            return answered > 0 and spent + mean * (self._in_flight + 1) <= max_cost_usd
        if spent >= max_cost_usd or spent + mean > max_cost_usd:
            raise BudgetReachedError(f"the budget of ${max_cost_usd:,.4f} is used up")
        return True
