"""Maps what vendors' clients and servers do wrong to our errors."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic_core import from_json

from extractor.asking.secrets import shorten
from extractor.errors import (
    ConfigError,
    ContentFilteredError,
    ExtractorError,
    ModelAccessError,
    ModeRefusedError,
    PermanentModelError,
    TransientModelError,
)

_TRANSIENT_STATUS = {408, 409, 425, 429, 498}
# The server is there and asks for fewer requests.
_REFUSED_STATUS = {429, 498, 503, 529}
_ACCESS_ADVICE = {
    401: "check the key",
    402: "no credit left; add some, then run again",
    403: "check the key and its permissions",
    404: "check the model's name and --base-url",
    405: "check --base-url",
}
# Without credit, every further request fails alike; the status is that of a rate limit.
_NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
# One generation went wrong, which another may not.
_FAILED_GENERATION = {"tool_use_failed", "json_validate_failed"}
_FILTERED = re.compile(r"content_?(filter|policy|management)|flagged|moderation", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.?(length|window|size)|too long|maximum.{0,20}tokens", re.IGNORECASE
)
# What a server says of a way of asking that it does not know; some say it with 404 or 500.
_MODE_STATUS = {400, 404, 415, 422, 500, 501}
_MODE = re.compile(
    r"response_format|json_schema|structured output|tool_choice|\btools?\b|\.strict\b"
    r"|['\"`]strict['\"`]|function.?call|guided|grammar",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"support|require|unknown|unrecogni[sz]ed|invalid|not (allowed|permitted|available|implemented)"
    r"|unexpected|extra (inputs|fields)|must be",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Refusal:
    """What a server answered instead of a completion.

    Attributes:
        said: its own words; they decide, never the model's name or the abstract.
        body: the body of the response, JSON or text.
        parameters: names of parameters that the caller chose; a server that rejects one of
            them will reject it in every request.
    """

    status: int
    said: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Collection[str] = ()

    def is_any(self, codes: Collection[str]) -> bool:
        """Whether its code or type is one of these."""
        detail = find_detail(self.body)
        return any(detail.get(name) in codes for name in ("code", "type") if _is_text(detail, name))

    @property
    def parameter(self) -> str | None:
        """The parameter that it objects to, if it names one."""
        detail = find_detail(self.body)
        return detail["param"] if _is_text(detail, "param") else None


def map_refusal(refusal: Refusal, model: str) -> ExtractorError:
    """Turn what a server answered instead of a completion into one of our errors."""
    said = f"{model}: {shorten(refusal.said)}"
    return _map_wording(refusal, said) or _map_status(refusal, said)


def _map_wording(refusal: Refusal, said: str) -> ExtractorError | None:
    """Go by code and words, where they say more than the status."""
    numbered = f"{said} (status {refusal.status})"
    if refusal.is_any(_NO_CREDIT):
        return ModelAccessError(f"{numbered[:-1]}: {_ACCESS_ADVICE[402]})")
    if refusal.is_any(_FAILED_GENERATION):
        return TransientModelError(numbered)
    code = find_detail(refusal.body).get("code")
    if refusal.status < 500 and _FILTERED.search(f"{code} {refusal.said}"):
        return ContentFilteredError(numbered)
    return ModeRefusedError(said) if _rejects_mode(refusal) else None


def _map_status(refusal: Refusal, said: str) -> ExtractorError:
    status = refusal.status
    numbered = f"{said} (status {status})"
    if status in _ACCESS_ADVICE:
        return ModelAccessError(f"{numbered[:-1]}: {_ACCESS_ADVICE[status]})")
    if status in _TRANSIENT_STATUS or status >= 500:
        retry_after_s = read_retry_after(refusal.headers)
        return TransientModelError(numbered, retry_after_s, refused=status in _REFUSED_STATUS)
    if refusal.parameter in refusal.parameters and not _TOO_LONG.search(refusal.said):
        return ModelAccessError(f"{said} (check --param {refusal.parameter})")
    return PermanentModelError(numbered)


def map_vendor_error(
    error: Exception, model: str, parameters: Collection[str] = ()
) -> ExtractorError:
    """Turn an exception of a vendor's client into one of ours.

    The vendors share a shape rather than a base class: `status_code` (or `code`), `body` and
    `response.headers`; errors of the connection have no status and say so in their names.

    Args:
        error: what the client raised.
        model: names the model in the message.
        parameters: as in `Refusal`.
    """
    body = getattr(error, "body", None)
    said = find_detail(body).get("message") or getattr(error, "message", None) or str(error)
    status = _read_status(error)
    if status is None:
        return _map_without_status(error, f"{model}: {shorten(str(said))}")
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    return map_refusal(Refusal(status, str(said), body, headers, parameters), model)


def read_error_body(content: bytes) -> object:
    """Read the body of an error: JSON where it is JSON, else text."""
    try:
        return from_json(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def describe_body(body: object) -> str:
    """Say what the body of an error says."""
    detail = find_detail(body)
    return str(detail.get("message") or detail.get("detail") or body or "no reason given")


def find_detail(body: object) -> dict[str, Any]:
    """Find the object that describes an error: under `error`, or the body itself."""
    if isinstance(body, dict):
        nested = body.get("error")
        return nested if isinstance(nested, dict) else body
    return {}


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds a server asks to wait, from seconds, milliseconds or a date."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit_s)
        except (KeyError, ValueError):
            continue
    try:
        date = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _rejects_mode(refusal: Refusal) -> bool:
    said = f"{refusal.parameter or ''} {refusal.said}"
    return (
        refusal.status in _MODE_STATUS
        and _MODE.search(said) is not None
        and _UNKNOWN.search(said) is not None
        and not _TOO_LONG.search(said)
    )


def _map_without_status(error: Exception, message: str) -> ExtractorError:
    names = " ".join(kind.__name__ for kind in type(error).__mro__)
    if re.search(r"Timeout|Connect|Protocol|Transport|Network|JSONDecode", names):
        is_unreachable = "Connect" in names and "Timeout" not in names
        return TransientModelError(
            f"{message} ({type(error).__name__})", unreachable=is_unreachable
        )
    if isinstance(error, TypeError):
        # The client itself refused its arguments, as it will for every request: an unknown
        # parameter, or no key.
        return ModelAccessError(f"{message} (check the vendor's key and --param)")
    if re.search(r"OpenAIError|Config|MissingApiKey|CredentialError", names):
        return ConfigError(message)
    return PermanentModelError(f"{message} ({type(error).__name__})")


def _read_status(error: Exception) -> int | None:
    for name in ("status_code", "code"):
        if isinstance(status := getattr(error, name, None), int):
            return status
    return None


def _is_text(detail: Mapping[str, Any], name: str) -> bool:
    return isinstance(detail.get(name), str)
