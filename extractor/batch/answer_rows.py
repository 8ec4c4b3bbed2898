"""One line of an output or error file: an answer, or why there is none."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from extractor.asking import Answer
from extractor.asking.completions import read_completion
from extractor.asking.faults import Refusal, map_refusal
from extractor.asking.secrets import shorten
from extractor.batch.journal import FaultKind
from extractor.errors import (
    ExtractorError,
    ModelAccessError,
    ModeRefusedError,
    TransientModelError,
)

# What OpenAI writes into the error file about requests that were never answered.
_MEANINGS = {
    "batch_expired": "the batch expired before this was answered",
    "batch_cancelled": "the batch was cancelled before this was answered",
    "request_timeout": "the model took too long to answer",
}


class InvalidRowError(ValueError):
    """A line that is no row of an output or error file."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the server wrote it.

    Attributes:
        key: the custom identifier of the request.
        status: HTTP status of the response; None where there was no response.
        body: of the response: a completion, or an error.
        error: of the row itself; servers differ in its shape and also leave it out.
    """

    key: str
    status: int | None
    body: Any
    error: Any

    def read_answer(self, model: str, parameters: Collection[str] = ()) -> Answer:
        """Read the answer.

        Args:
            model: names the model in messages.
            parameters: that the user chose; a server that rejects one rejects every request.

        Raises:
            ExtractorError: there is none.
        """
        if self.status is None:
            raise TransientModelError(f"{model}: {shorten(self._describe_error())}")
        if self.status != 200:
            body = self.body if isinstance(self.body, dict) else self.error
            said = self._describe_error()
            raise map_refusal(Refusal(self.status, said, body, parameters=parameters), model)
        return read_completion(
            json.dumps(self.body).encode(),
            model=model,
            latency_s=0.0,
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    def _describe_error(self) -> str:
        code = self.error.get("code") if isinstance(self.error, dict) else None
        if code in _MEANINGS:
            return _MEANINGS[code]
        return _find_message(self.body) or _find_message(self.error) or "no reason given"


def read_row(line: bytes) -> Row:
    """Read a line of an output or error file.

    Raises:
        InvalidRowError: it is cut off, no JSON, or has no custom identifier.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = "no JSON" if line.endswith(b"\n") else "cut off, or no JSON"
        raise InvalidRowError(f"{what} ({error})") from error
    key = record.get("custom_id") if isinstance(record, dict) else None
    if not isinstance(key, str) or not key:
        raise InvalidRowError("no object with a custom_id, so no row of an answer file")
    if "response" not in record and "error" not in record:
        what = "a request, not an answer" if "body" in record else "neither response nor error"
        raise InvalidRowError(f"the row holds {what}")
    return _make_row(key, record.get("response"), record.get("error"))


def classify(fault: ExtractorError) -> FaultKind:
    """Tell what is to be done about a fault: ask again, give up, or change something first."""
    if isinstance(fault, TransientModelError):
        return "passing"
    if isinstance(fault, ModelAccessError | ModeRefusedError):
        return "refused"
    return "permanent"


def _make_row(key: str, response: Any, error: Any) -> Row:
    if not isinstance(response, dict):
        return Row(key, None, None, error)
    status, body = response.get("status_code"), response.get("body")
    if status is None and body is not None and not error:
        status = 200
    if status is not None and not isinstance(status, int):
        raise InvalidRowError(f"a status code that is no number: {status!r}")
    if isinstance(body, str):
        # Some servers write the body as text of JSON.
        try:
            body = json.loads(body)
        except ValueError:
            body = {"error": {"message": body}}
    if status == 200 and body is None:
        status = None
    return Row(key, status, body, error)


def _find_message(error: Any) -> str:
    """The message in an error of any shape: nested, flat or just text."""
    if isinstance(error, dict):
        nested = error.get("error") or error.get("message") or error.get("detail")
        return _find_message(nested) if nested else ""
    return str(error) if error else ""
