"""Composes the stages for one machine: read -> prompt -> ask -> validate -> result."""

import asyncio
import contextlib
import logging
import traceback
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import UTC, datetime
from itertools import compress

from extractor.asking import Answer, Asker, Request, RetryingAsker, open_asker, redact
from extractor.assessment import Assessment, assess_answer
from extractor.cache import AnswerCache, CachedAsker, find_cache_dir
from extractor.documents import Abstract, hash_text
from extractor.errors import (
    ExtractorError,
    InvalidAnswerError,
    ModelAccessError,
    ModelError,
    OutputError,
    RunStoppedError,
)
from extractor.feeding import Feed, Finished
from extractor.grounding import GroundedText
from extractor.prompting import load_prompt
from extractor.readers import Entry, Unreadable
from extractor.results import (
    SCREENED,
    Problem,
    Provenance,
    RejectedClaim,
    Result,
)
from extractor.schema import hash_schema
from extractor.screening import leaves_out, mark_screened
from extractor.settings import Settings
from extractor.steering import (
    Budget,
    BudgetedAsker,
    SharingAsker,
    Spending,
    Throttle,
    ThrottledAsker,
    require_price,
)
from extractor.validation import (
    require_checks,
)

_log = logging.getLogger(__name__)

Skip = Callable[[str], bool]


class Pipeline:
    """Takes abstracts through all stages under one set of settings."""

    def __init__(self, settings: Settings) -> None:
        """Load the prompt, open the asker and the cache.

        Raises:
            ConfigError: the settings cannot work.
            PromptError: there is no such prompt.
            StoreError: the cache cannot be opened.
        """
        require_checks(settings.skip_checks)
        self.settings = settings
        self.run_id = uuid.uuid4().hex[:12]
        self.started = _now()
        self.spending = Spending()
        self.budget = Budget(settings.max_cost_usd, settings.max_requests)
        self.prompt = load_prompt(settings.prompt)
        self._throttle = Throttle(settings.concurrency, settings.rpm, settings.tpm)
        asker = open_asker(settings, self.prompt)
        self.asker = _equip(asker, self._throttle, settings, self.spending, self.budget)
        self.is_stopped = False
        self._feeds: set[Feed] = set()

    async def extract(self, abstract: Abstract, extraction_id: str | None = None) -> Result:
        """Extract the claims of one abstract.

        Args:
            extraction_id: of the abstract, where it has been worked out already.

        Returns:
            Its result; a fault that concerns this abstract alone gives status `failed`.

        Raises:
            ModelAccessError: no abstract can be asked about, as with a wrong key.
            BudgetReachedError: nothing more may be asked.
            StoreError: answers can no longer be kept.
        """
        extraction_id = extraction_id or self.extraction_id(abstract)
        answers: list[Answer] = []
        try:
            assessment = await self._converse(abstract, extraction_id, answers)
        except ModelAccessError:
            raise
        except (ModelError, OutputError) as error:
            return self._give_up(abstract, extraction_id, answers, _flatten(error))
        except ExtractorError:
            raise
        except Exception as error:  # noqa: BLE001
            # A fault of our own on one strange abstract must not cost the others.
            _log.error("abstract %s: %s", abstract.id, redact(traceback.format_exc()))
            reason = (
                f"internal error, please report: {type(error).__name__}: {redact(_flatten(error))}"
            )
            return self._give_up(abstract, extraction_id, answers, reason)
        return self._conclude(abstract, extraction_id, answers, assessment)

    async def stream(
        self, entries: Iterable[Entry], skip: Skip | None = None, gather_s: float = 0.0
    ) -> AsyncGenerator[list[Result], None]:
        """Extract from many abstracts, `concurrency` at a time.

        Args:
            entries: read in a thread, as far ahead as the work needs; never held as a list.
            skip: told the `extraction_id` of each entry, says whether to leave it out.
            gather_s: how long a result may wait for others to share its batch.

        Yields:
            Batches of results in the order in which they are finished.

        Raises:
            ExtractorError: what stopped the run, after all that was in flight is yielded.
        """
        feed = Feed(entries)
        self._feeds.add(feed)
        if self.is_stopped:
            feed.close()
        finished = Finished()
        supervisor = asyncio.create_task(self._supervise(feed, finished, skip))
        try:
            while batch := await finished.take_batch(gather_s):
                yield batch
            await supervisor
        finally:
            self._feeds.discard(feed)
            feed.close()
            supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await supervisor

    @property
    def prompt_name(self) -> str:
        """The prompt as the provenance names it; rules need none."""
        return self.prompt.name if self.asker.asks_model else "none"

    @property
    def screens(self) -> bool:
        """Whether abstracts are screened; where rules answer anyhow there is nothing to save."""
        return self.settings.screen and self.asker.asks_model

    def stop(self) -> None:
        """Send nothing more.

        Requests in flight are finished. An abstract that would need another one is left to a
        later run, which finds its answers in the cache.
        """
        self.is_stopped = True
        for feed in self._feeds:
            feed.close()
        self._throttle.give_up(RunStoppedError("the run was stopped"))

    def extraction_id(self, entry: Entry) -> str:
        """Hash an abstract with everything that determines its result: sixteen digits."""
        if isinstance(entry, Unreadable):
            return hash_text(f"{entry.source}\n{entry.reason}")[:16]
        rules = f"{self.settings.max_reasks}\n{sorted(self.settings.skip_checks)}"
        return hash_text(f"{entry.id}\n{self.asker.key(Request(entry))}\n{rules}")[:16]

    def bears_cost(self, extraction_id: str, answer: Answer) -> bool:
        """Tell whether an answer was paid for by this extraction, now or in a run that was killed.

        So that the costs of all extractions add up to what was paid, another one that takes the
        answer from the cache, or shares it, bears nothing.
        """
        return not answer.cached or answer.paid_for == extraction_id

    async def close(self) -> None:
        """Close connections and cache."""
        await self.asker.close()

    async def _supervise(self, feed: Feed, finished: Finished, skip: Skip | None) -> None:
        workers = [
            asyncio.create_task(self._work(feed, finished, skip))
            for _ in range(self._count_workers())
        ]
        try:
            outcomes = await asyncio.gather(*workers, return_exceptions=True)
        finally:
            for worker in workers:
                worker.cancel()
        await finished.end()
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def _count_workers(self) -> int:
        """More than may be in flight, so that new work goes on while some wait to try again."""
        return 2 * self.settings.concurrency if self.asker.asks_model else 1

    async def _work(self, feed: Feed, finished: Finished, skip: Skip | None) -> None:
        try:
            while (entry := await feed.take()) is not None:
                extraction_id = self.extraction_id(entry)
                if skip is not None and skip(extraction_id):
                    continue
                if isinstance(entry, Unreadable):
                    await finished.put(self._report_unreadable(entry, extraction_id))
                elif self.screens and leaves_out(entry):
                    screened_id = mark_screened(entry, extraction_id)
                    if skip is None or not skip(screened_id):
                        await finished.put(self._report_screened(entry, screened_id))
                else:
                    await finished.put(await self.extract(entry, extraction_id))
        except RunStoppedError:
            return
        except BaseException:
            feed.close()
            raise

    async def _converse(
        self, abstract: Abstract, extraction_id: str, answers: list[Answer]
    ) -> Assessment:
        """Ask, and ask again with the problems found, and keep the best assessment."""
        grounded = GroundedText(abstract)
        request = Request(abstract, extraction_id=extraction_id)
        best: Assessment | None = None
        fault: OutputError | None = None
        for reasks in range(self.settings.max_reasks + 1):
            try:
                answer = await self.asker.ask(request)
                answers.append(answer)
                answer.check_finish()
                assessment = assess_answer(answer, abstract, grounded, self.settings.skip_checks)
            except InvalidAnswerError as error:
                fault, problems = error, f"- {error}"
            except (ModelError, OutputError) as error:
                # What an earlier answer brought stays, whatever became of the re-ask.
                if best is None or isinstance(error, ModelAccessError):
                    raise
                break
            else:
                best = best.improved_by(assessment) if best else assessment
                problems = assessment.describe_mendable()
            if not problems or not self.asker.asks_model or reasks == self.settings.max_reasks:
                break
            request = self.asker.reask(request, answer, problems)
        if best is None:
            raise fault or InvalidAnswerError("no answer")
        return best

    def _conclude(
        self, abstract: Abstract, extraction_id: str, answers: list[Answer], assessment: Assessment
    ) -> Result:
        reason = None
        if not assessment.accepted and assessment.describe_mendable():
            reason = assessment.explain_rejection()
        # Every part was validated where it was made.
        return Result.model_construct(
            abstract=abstract,
            status="failed" if reason else "claims" if assessment.accepted else "no_claims",
            reason=reason,
            claims=assessment.accepted,
            rejected=assessment.rejected,
            provenance=self._trace(extraction_id, answers),
        )

    def _give_up(
        self, abstract: Abstract, extraction_id: str, answers: list[Answer], reason: str
    ) -> Result:
        """Report a failure, with the raw answer where there is one: it was paid for."""
        if answers and all(answer.cached for answer in answers):
            reason += " (answered before; --refresh asks once more)"
        problem = Problem(check="answer", severity="error", message=reason)
        return Result(
            abstract=abstract,
            status="failed",
            reason=reason,
            rejected=[
                RejectedClaim(claim=answer.message, problems=[problem]) for answer in answers[-1:]
            ],
            provenance=self._trace(extraction_id, answers),
        )

    def _report_unreadable(self, entry: Unreadable, extraction_id: str) -> Result:
        return Result(
            abstract=Abstract(id=entry.id or entry.source, text="", source=entry.source),
            status="failed",
            reason=f"unreadable: {entry.reason}",
            provenance=self._trace(extraction_id, []),
        )

    def _report_screened(self, abstract: Abstract, screened_id: str) -> Result:
        return Result(
            abstract=abstract,
            status="no_claims",
            reason=SCREENED,
            provenance=self._trace(screened_id, []),
        )

    def _trace(self, extraction_id: str, answers: list[Answer]) -> Provenance:
        borne = [self.bears_cost(extraction_id, answer) for answer in answers]
        own = list(compress(answers, borne))
        prices = [self.asker.price(answer) for answer in answers]
        known = [price for price in prices if price is not None]
        return Provenance(
            extraction_id=extraction_id,
            run_id=self.run_id,
            model=self.asker.model,
            prompt=self.prompt_name,
            schema=hash_schema(),
            mode=next((answer.form for answer in answers[-1:] if answer.form), self.asker.mode),
            parameters=self.settings.parameters,
            cache_hit=bool(answers) and all(answer.cached for answer in answers),
            attempts=len(answers),
            tokens_in=sum(answer.usage.tokens_in for answer in own),
            tokens_out=sum(answer.usage.tokens_out for answer in own),
            tokens_cached=sum(answer.usage.tokens_cached for answer in own),
            cost_usd=sum(compress(known, borne)) if len(known) == len(prices) else None,
            latency_s=round(sum(answer.latency_s for answer in answers), 3),
            created=_now(),
            base_url=self.settings.server if self._is_asked_there() else None,
            max_reasks=self.settings.max_reasks,
            skip_checks=sorted(self.settings.skip_checks),
        )

    def _is_asked_there(self) -> bool:
        """Whether the model's name, as it is recorded, is the one that `base_url` knows."""
        return self.asker.asks_model and self.asker.model == self.settings.model


def _equip(
    asker: Asker, throttle: Throttle, settings: Settings, spending: Spending, budget: Budget
) -> Asker:
    """Put what every model needs around an asker: throttle, budget, retries, cache."""
    if not asker.asks_model:
        return asker
    if settings.max_cost_usd is not None:
        require_price(asker)
    asker = ThrottledAsker(asker, throttle, settings.patience_s)
    # Each attempt counts, as a server may charge for what was lost on its way back.
    asker = BudgetedAsker(asker, spending, budget)
    asker = RetryingAsker(asker, settings.max_attempts, throttle.rest)
    if settings.cache:
        cache = AnswerCache(find_cache_dir(settings.cache_dir))
        asker = CachedAsker(asker, cache, refresh=settings.refresh, rest=throttle.rest)
    return SharingAsker(asker)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _flatten(error: Exception) -> str:
    return " ".join(str(error).split())
