"""Asks through the throttle, and past an outage."""

import logging
import math
import time

from extractor.asking import Answer, Asker, AskerLayer, Request
from extractor.errors import ModelAccessError, TransientModelError
from extractor.steering.refusals import Pass
from extractor.steering.throttle import Throttle

_log = logging.getLogger(__name__)

_FAULTS_OF_AN_OUTAGE = 50
_UNREACHED_OF_AN_OUTAGE = 5
_FIRST_PROBE_S = 1.0
_LONGEST_PROBE_S = 30.0


class ThrottledAsker(AskerLayer):
    """Asks when the throttle lets it, and waits out a server that refuses, or has died.

    A refusal (too many requests) uses up no attempt: the request goes back to the gate. After
    fifty faults in a row, or five times that no server was there, the run pauses: single requests
    probe the server, at growing intervals, until one is answered or patience ends. Probes use up
    no attempts either.
    """

    def __init__(self, inner: Asker, throttle: Throttle, patience_s: float) -> None:
        super().__init__(inner)
        self._throttle = throttle
        self._patience_s = patience_s
        self._faults_in_row = 0
        self._unreached_in_row = 0
        self._silent_since = math.inf
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
                is_patient = time.monotonic() - begun < self._patience_s
                is_probe = self._note(error, passed, is_patient)
                if not (is_probe or (error.refused and is_patient)):
                    raise
            else:
                self._note_answer(answer, passed)
                return answer
            finally:
                self._throttle.leave(passed)

    def _note(self, error: TransientModelError, passed: Pass, is_patient: bool) -> bool:
        """Learn from a fault, and tell whether its request was a probe."""
        is_probe = self._outage_since is not None and passed.entered > self._outage_since
        self._silent_since = min(self._silent_since, time.monotonic())
        # Many in flight that are refused together are one sign, not an outage; and what was sent
        # before an outage was found says nothing about its end.
        is_news = not error.refused or self._note_refusal(error, passed, is_patient)
        if is_news and (is_probe or self._outage_since is None):
            self._note_fault(error)
        return is_probe

    def _note_refusal(self, error: TransientModelError, passed: Pass, is_patient: bool) -> bool:
        is_news = self._throttle.note_refusal(passed, error.retry_after_s)
        if error.retry_after_s is not None and error.retry_after_s > self._patience_s:
            self._give_up_until(error.retry_after_s, f"{error}: the server wants")
        silent_s = time.monotonic() - self._silent_since
        if self._patience_s and not is_patient and silent_s > self._patience_s:
            self._give_up_after(silent_s, error)
        return is_news

    def _note_fault(self, error: TransientModelError) -> None:
        self._faults_in_row += 1
        self._unreached_in_row += error.unreachable
        now = time.monotonic()
        if self._outage_since is None:
            is_away = self._unreached_in_row >= _UNREACHED_OF_AN_OUTAGE and self._patience_s
            if self._faults_in_row < _FAULTS_OF_AN_OUTAGE and not is_away:
                return
            self._outage_since, self._probe_s = now, _FIRST_PROBE_S
            _log.warning(
                "%d faults in a row, the last: %s; pausing for up to %g s until the server answers",
                self._faults_in_row,
                error,
                self._patience_s,
            )
        elif now - self._outage_since > self._patience_s:
            self._give_up_after(now - self._outage_since, error)
            return
        self._throttle.start_over(self._probe_s)
        self._probe_s = min(_LONGEST_PROBE_S, 2 * self._probe_s)

    def _note_answer(self, answer: Answer, passed: Pass) -> None:
        tokens = answer.usage.tokens_in + answer.usage.tokens_out
        self._throttle.note_answer(passed, tokens, answer.rate_limits)
        self._faults_in_row = self._unreached_in_row = 0
        self._silent_since = math.inf
        if answer.rate_limits and self._patience_s:
            self._check_limits()
        if self._outage_since is not None:
            _log.warning(
                "the server answers again, after %.0f s", time.monotonic() - self._outage_since
            )
            self._outage_since = None

    def _check_limits(self) -> None:
        if (delay_s := self._throttle.server_delay_s) > self._patience_s:
            self._give_up_until(delay_s, f"{self.model}: the limits that the server names want")

    def _give_up_until(self, delay_s: float, said: str) -> None:
        advice = "run the same command again then, or allow more with --patience"
        self._throttle.give_up(ModelAccessError(f"{said} {delay_s:.0f} s of rest; {advice}"))

    def _give_up_after(self, silent_s: float, error: TransientModelError) -> None:
        self._throttle.give_up(
            ModelAccessError(
                f"no answer for {silent_s:.0f} s, the last fault: {error}; "
                "run the same command again to go on when the server is back"
            )
        )
