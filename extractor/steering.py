"""Askers that steer a run: through the throttle, past an outage, within the budget."""

import asyncio
import logging
import time
from dataclasses import dataclass

from extractor.asking import Answer, Asker, AskerLayer, Request, Usage
from extractor.errors import (
    BudgetReachedError,
    ConfigError,
    ExtractorError,
    ModelAccessError,
    TransientModelError,
)
from extractor.refusals import Pass
from extractor.throttle import Throttle

_log = logging.getLogger(__name__)

_FAILURES_OF_AN_OUTAGE = 50
_FIRST_PROBE_S = 1.0
_LONGEST_PROBE_S = 30.0


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
        max_cost_usd: it is exceeded by no more than one answer's deviation from the mean for
            each request in flight.
    """

    max_cost_usd: float | None = None
    max_requests: int | None = None


class SharingAsker(AskerLayer):
    """Asks a question once that several abstracts put at the same time."""

    def __init__(self, inner: Asker) -> None:
        super().__init__(inner)
        self._in_flight: dict[str, asyncio.Future[Answer | ExtractorError | None]] = {}

    async def ask(self, request: Request) -> Answer:
        """Ask, or wait for the answer to the same question.

        Raises:
            ExtractorError: what the inner asker raised.
        """
        key = self.inner.key(request)
        while (shared := self._in_flight.get(key)) is not None:
            outcome = await asyncio.shield(shared)
            if isinstance(outcome, ExtractorError):
                raise outcome
            if outcome is not None:
                return outcome.model_copy(update={"cached": True})
        return await self._ask_for_all(key, request)

    async def _ask_for_all(self, key: str, request: Request) -> Answer:
        """Ask, and tell those who wait; nothing, if this one was cancelled: then they ask."""
        outcome: Answer | ExtractorError | None = None
        shared = self._in_flight[key] = asyncio.get_running_loop().create_future()
        try:
            outcome = await self.inner.ask(request)
        except ExtractorError as error:
            outcome = error
            raise
        else:
            return outcome
        finally:
            del self._in_flight[key]
            shared.set_result(outcome)


class ThrottledAsker(AskerLayer):
    """Asks when the throttle lets it, and waits out a server that refuses, or has died.

    A refusal (too many requests) uses up no attempt: the request goes back to the gate. After
    fifty faults in a row the run pauses: single requests probe the server, at growing
    intervals, until one is answered or patience ends. Probes use up no attempts either.
    """

    def __init__(self, inner: Asker, throttle: Throttle, patience_s: float) -> None:
        super().__init__(inner)
        self._throttle = throttle
        self._patience_s = patience_s
        self._faults_in_row = 0
        self._outage_since: float | None = None
        self._probe_s = _FIRST_PROBE_S

    async def ask(self, request: Request) -> Answer:
        """Ask until the server does not refuse any more, in an outage until it ends.

        Raises:
            TransientModelError: a fault, or a refusal that outlasted all patience.
            ModelAccessError: an outage that did, or a wait that the server asked for and that
                would.
        """
        begun = time.monotonic()
        while True:
            passed = await self._throttle.enter()
            try:
                answer = await self.inner.ask(request)
            except ModelAccessError as error:
                self._throttle.give_up(error)
                raise
            except TransientModelError as error:
                is_probe = self._outage_since is not None and passed.entered > self._outage_since
                # Many in flight that are refused together are one sign, not an outage; and what
                # was sent before an outage was found says nothing about its end.
                is_news = not error.refused or self._note_refusal(error, passed)
                if is_news and (is_probe or self._outage_since is None):
                    self._note_fault(error)
                is_patient = time.monotonic() - begun < self._patience_s
                if not (is_probe or (error.refused and is_patient)):
                    raise
            else:
                usage = answer.usage
                self._throttle.note_answer(
                    passed, usage.tokens_in + usage.tokens_out, answer.rate_limits
                )
                self._note_answer()
                return answer
            finally:
                self._throttle.leave(passed)

    def _note_refusal(self, error: TransientModelError, passed: Pass) -> bool:
        is_news = self._throttle.note_refusal(passed, error.retry_after_s)
        if error.retry_after_s is not None and error.retry_after_s > self._patience_s:
            advice = "run the same command again then, or allow more with --patience"
            self._throttle.give_up(
                ModelAccessError(
                    f"{error}: the server wants {error.retry_after_s:.0f} s of rest; {advice}"
                )
            )
        return is_news

    def _note_fault(self, error: TransientModelError) -> None:
        self._faults_in_row += 1
        now = time.monotonic()
        if self._outage_since is None:
            if self._faults_in_row < _FAILURES_OF_AN_OUTAGE:
                return
            self._outage_since, self._probe_s = now, _FIRST_PROBE_S
            _log.warning(
                "%d faults in a row, the last: %s; pausing for up to %g s until the server answers",
                self._faults_in_row,
                error,
                self._patience_s,
            )
        elif now - self._outage_since > self._patience_s:
            self._throttle.give_up(
                ModelAccessError(
                    f"no answer for {now - self._outage_since:.0f} s, the last fault: {error}; "
                    "run the same command again to go on when the server is back"
                )
            )
            return
        self._throttle.start_over(self._probe_s)
        self._probe_s = min(_LONGEST_PROBE_S, 2 * self._probe_s)

    def _note_answer(self) -> None:
        self._faults_in_row = 0
        if self._outage_since is not None:
            _log.warning(
                "the server answers again, after %.0f s", time.monotonic() - self._outage_since
            )
            self._outage_since = None


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

    async def ask(self, request: Request) -> Answer:
        """Ask, if there is budget left for it.

        Raises:
            BudgetReachedError: there is none.
        """
        self._check()
        self._begun += 1
        try:
            answer = await self.inner.ask(request)
        except BaseException:
            self._begun -= 1
            raise
        self._spending.add(answer, self.price(answer))
        return answer

    def _check(self) -> None:
        most, max_cost_usd = self._budget.max_requests, self._budget.max_cost_usd
        if most is not None and self._begun >= most:
            raise BudgetReachedError(f"the budget of {most:,} requests is used up")
        if max_cost_usd is None:
            return
        spent, answered = self._spending.cost_usd, self._spending.requests
        expected = spent / answered * (self._begun + 1) if answered else spent
        if expected > max_cost_usd:
            raise BudgetReachedError(f"the budget of ${max_cost_usd:,.2f} is used up")
