"""Outlasts a store that is away for a while: restarted, out of reach, locked."""

import asyncio
import logging
from collections.abc import Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from extractor.errors import TransientStoreError

_log = logging.getLogger(__name__)

LOCK_WAIT_S = 1
"""How long a database that is outlasted waits by itself, which nobody hears of."""

_LONGEST_WAIT_S = 5


async def outlast(
    action: Callable[[], None], patience_s: float, gives_up: Callable[[], bool]
) -> None:
    """Do something to a store in a thread, and once more while the store is away.

    Args:
        action: does no harm when it is repeated.
        patience_s: how long to go on trying.
        gives_up: says whether to stop trying before that.

    Raises:
        StoreError: it could not be done.
    """

    def announce(state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome is not None:
            fault = state.outcome.exception()
            _log.warning("%s; trying again for up to %.0f s", _name_fault(fault), patience_s)

    is_too_late = stop_after_delay(patience_s)
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientStoreError),
        wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT_S),
        stop=lambda state: gives_up() or is_too_late(state),
        before_sleep=announce,
        reraise=True,
    )
    await retrying(asyncio.to_thread, action)


def _name_fault(error: BaseException | None) -> str:
    return error.fault if isinstance(error, TransientStoreError) else str(error)
