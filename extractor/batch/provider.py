"""The files and batches endpoints of a server, spoken to so that nothing is done twice."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI, OpenAIError
from openai.types import Batch
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from extractor.asking.faults import map_vendor_error
from extractor.batch.jobs import Job
from extractor.batch.request_files import ENDPOINT
from extractor.errors import ConfigError, ExtractorError, ModelError, TransientModelError

_T = TypeVar("_T")
_TOKEN_NAME = "claim_extractor"  # noqa: S105 - a name in the metadata, no secret
_TIMEOUT_S = 600.0
_ATTEMPTS = 6
_LONGEST_RETRY_AFTER_S = 600.0
_PAGE = 100
# Clocks differ; a job is not looked for among those that are older than its intent.
_CLOCK_MARGIN = timedelta(days=1)
_LIMIT_CODE = "token_limit_exceeded"
_back_off = wait_random_exponential(multiplier=0.5, max=60)


class QueueFullError(ExtractorError):
    """The provider takes no further job now: its limit of enqueued tokens is reached."""


class GoneError(ConfigError):
    """The server knows no such thing."""


class BatchServer:
    """One server's batch interface; the one owner of retries here."""

    def __init__(self, base_url: str) -> None:
        """Connect, with the key from the environment.

        Raises:
            ConfigError: there is no key.
        """
        self._host = urlsplit(base_url).netloc
        key = os.environ.get("OPENAI_API_KEY")
        if not key and urlsplit(base_url).hostname == "api.openai.com":
            raise ConfigError("no OPENAI_API_KEY in the environment")
        self._client = AsyncOpenAI(
            # Local servers want no key, but the client wants one.
            api_key=key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=_TIMEOUT_S,
        )

    async def upload(self, path: Path, token: str) -> str:
        """Upload a requests file and return the identifier that the server gives it.

        Raises:
            ModelError: the server did not take it, also after several attempts.
        """

        async def send() -> str:
            with path.open("rb") as content:
                async with self._mapping_errors():
                    file = await self._client.files.create(
                        file=(f"{token}.jsonl", content), purpose="batch"
                    )
            return file.id

        return await _persist(send)

    async def create(self, job: Job, *, look_first: bool) -> Batch:
        """Create the job of an uploaded file, unless the server has it already.

        Args:
            job: its token goes into the metadata.
            look_first: whether an attempt may have been made before, by a process that died.

        Raises:
            QueueFullError: the limit of enqueued tokens is reached.
            ModelError: the server refuses, or cannot be reached.
        """
        attempts = 0

        async def send() -> Batch:
            nonlocal attempts
            attempts += 1
            # A request whose answer was lost may have been carried out.
            if (look_first or attempts > 1) and (batch := await self.find(job)):
                return batch
            async with self._mapping_errors():
                return _check(
                    await self._client.batches.create(
                        input_file_id=str(job.input_file_id),
                        endpoint=ENDPOINT,
                        completion_window="24h",
                        metadata={_TOKEN_NAME: job.token},
                    )
                )

        return await _persist(send)

    async def find(self, job: Job) -> Batch | None:
        """Look for a job among those that the server lists, the newest first."""
        oldest = (datetime.fromisoformat(job.created) - _CLOCK_MARGIN).timestamp()
        async with self._mapping_errors():
            async for batch in self._client.batches.list(limit=_PAGE):
                if _is_of(job, batch):
                    return batch
                if batch.created_at < oldest:
                    break
        return None

    async def retrieve(self, batch_id: str) -> Batch:
        """Ask how a job is getting on."""

        async def send() -> Batch:
            async with self._mapping_errors():
                return _check(await self._client.batches.retrieve(batch_id))

        return await _persist(send)

    async def cancel(self, batch_id: str) -> Batch:
        """Ask the server to stop a job; what it has answered is still collected."""

        async def send() -> Batch:
            async with self._mapping_errors():
                return _check(await self._client.batches.cancel(batch_id))

        return await _persist(send)

    async def download(self, file_id: str, path: Path) -> None:
        """Fetch a file; it stands under its name only when it is whole."""
        part = path.with_name(f"{path.name}.part")

        async def send() -> None:
            async with (
                self._mapping_errors(),
                self._client.files.with_streaming_response.content(file_id) as response,
            ):
                with part.open("wb") as file:
                    async for chunk in response.iter_bytes():
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())

        await _persist(send)
        part.replace(path)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @asynccontextmanager
    async def _mapping_errors(self) -> AsyncGenerator[None, None]:
        try:
            yield
        except (OpenAIError, httpx2.HTTPError) as error:
            raise self._map_error(error) from None

    def _map_error(self, error: Exception) -> ExtractorError:
        mapped = map_vendor_error(error, self._host)
        body = getattr(error, "body", None)
        detail: dict[str, Any] = body if isinstance(body, dict) else {}
        if detail.get("code") == _LIMIT_CODE or "enqueued token" in str(mapped).lower():
            return QueueFullError(str(mapped))
        status = getattr(error, "status_code", None)
        if status == 400 and "cannot find file" in str(mapped).lower():
            # It was uploaded a moment ago, and not every machine over there knows.
            return TransientModelError(str(mapped))
        if status in (404, 405):
            return GoneError(
                f"{self._host}: not found (status {status}): it may be deleted, or belong to the "
                "project of another key; or the server has no batch interface (`vllm run-batch` "
                "takes the files too, and `extractor batch import` what it writes)"
            )
        return mapped


def describe_problem(batch: Batch) -> str | None:
    """What the provider says is wrong with a whole job, in one line."""
    errors = (batch.errors.data if batch.errors else None) or []
    parts = []
    for error in errors[:3]:
        line = f"line {error.line}: " if error.line is not None else ""
        parts.append(" ".join(f"{line}{error.message or error.code or 'no reason'}".split()))
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    return "; ".join(parts) + more or None


def is_queue_full(batch: Batch) -> bool:
    """Tell whether a job failed for want of room only."""
    errors = (batch.errors.data if batch.errors else None) or []
    return batch.status == "failed" and any(error.code == _LIMIT_CODE for error in errors)


async def _persist(send: Callable[[], Awaitable[_T]]) -> _T:
    retrying = AsyncRetrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=_wait_s,
        retry=retry_if_exception_type(TransientModelError),
        reraise=True,
    )
    try:
        return await retrying(send)
    except TransientModelError as error:
        raise ModelError(
            f"{error}, after {_ATTEMPTS} attempts; run the same command again to go on"
        ) from error


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientModelError) and error.retry_after_s is not None:
        return min(error.retry_after_s, _LONGEST_RETRY_AFTER_S)
    return _back_off(state)


def _is_of(job: Job, batch: Batch) -> bool:
    token = (batch.metadata or {}).get(_TOKEN_NAME)
    if token is not None:
        return token == job.token
    # Not every server keeps metadata. One that failed is no job that could be paid twice.
    return batch.input_file_id == job.input_file_id and batch.status != "failed"


def _check(batch: object) -> Batch:
    """The client hands on whatever a server sends with status 200, such as a web page."""
    if not isinstance(batch, Batch) or not batch.id or not batch.status:
        raise TransientModelError(f"the server sent no batch: {str(batch)[:80]!r}")
    return batch
