"""The one owner of HTTP retries."""

import random
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from extractor.asking.answers import Answer
from extractor.asking.protocol import Asker, AskerLayer, Request
from extractor.errors import TransientModelError

_LONGEST_WAIT_S = 60.0
_LONGEST_RETRY_AFTER_S = 600.0


class RetryingAsker(AskerLayer):
    """Asks until an answer comes, a fault is not transient, or the attempts are used up.

    An abstract that waits for its next attempt holds no place in the throttle, so that new work
    goes on meanwhile.
    """

    def __init__(
        self, inner: Asker, max_attempts: int, rest: Callable[[float], Awaitable[None]]
    ) -> None:
        """Set how often to try.

        Args:
            inner: what may fail.
            max_attempts: the first one included.
            rest: waits so many seconds, or raises what ends all attempts.
        """
        super().__init__(inner)
        self._max_attempts = max_attempts
        self._rest = rest

    async def ask(self, request: Request) -> Answer:
        """Ask, with a pause before each further attempt.

        Raises:
            TransientModelError: the fault of the last attempt.
            ModelError: a fault that no further attempt would mend.
            Exception: what `rest` raised.
        """
        try:
            return await self.inner.ask(request)
        except TransientModelError as error:
            return await self._ask_again(request, error)

    async def _ask_again(self, request: Request, fault: TransientModelError) -> Answer:
        """Go on after a first fault; the many requests that meet none are spared the machinery."""
        faults = [fault]

        async def ask() -> Answer:
            if faults:
                raise faults.pop()
            return await self.inner.ask(request)

        # A retrying object keeps state, so every request has its own.
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._max_attempts),
            wait=_wait_s,
            sleep=self._rest,
            retry=retry_if_exception_type(TransientModelError),
            reraise=True,
        )
        try:
            return await retrying(ask)
        except TransientModelError as error:
            raise TransientModelError(f"{error}, after {self._max_attempts} attempts") from error


def _wait_s(state: RetryCallState) -> float:
    """What the server asked for, else exponential back-off with jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientModelError) and error.retry_after_s is not None:
        # Spread out, or all that were refused together come back together.
        return min(error.retry_after_s, _LONGEST_RETRY_AFTER_S) + random.uniform(0, 0.25)  # noqa: S311
    ceiling = min(_LONGEST_WAIT_S, 0.5 * 2 ** (state.attempt_number - 1))
    return random.uniform(ceiling / 2, ceiling)  # noqa: S311
