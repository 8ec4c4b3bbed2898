"""Reads other vendors' responses where instructor could not: finish, text, refusal, tokens."""

from typing import Any

from extractor.asking.answers import Usage

# What vendors call the end of an answer, in the words of chat completions.
_FINISH_REASONS = {
    "max_tokens": "length",
    "MAX_TOKENS": "length",
    "model_length": "length",
    "refusal": "refusal",
    "SAFETY": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "BLOCKLIST": "content_filter",
    "RECITATION": "content_filter",
}
_TOKENS_IN = ("input_tokens", "prompt_tokens", "prompt_token_count")
_TOKENS_OUT = ("output_tokens", "completion_tokens", "candidates_token_count")


def dump_response(response: Any) -> dict[str, Any]:
    """Turn a vendor's response object into plain data; empty if it cannot be."""
    body = response.model_dump(mode="json") if hasattr(response, "model_dump") else response
    return body if isinstance(body, dict) else {}


def read_finish_reason(response: Any) -> str | None:
    """Say why the model stopped: stop, length, refusal, content_filter, or the vendor's word."""
    body = dump_response(response)
    first = _first(body, "choices") or _first(body, "candidates")
    reason = body.get("stop_reason") or first.get("finish_reason")
    return _FINISH_REASONS.get(str(reason), str(reason)) if reason else None


def read_unparsed(response: Any) -> dict[str, Any]:
    """Read the plain text and the refusal of an answer that holds no structured output."""
    body = dump_response(response)
    message = _first(body, "choices").get("message") or {}
    content = _first(body, "candidates").get("content") or {}
    parts = body.get("content") or message.get("content") or content.get("parts") or []
    if isinstance(parts, str):
        parts = [{"text": parts}]
    texts = [part.get("text") or "" for part in parts if isinstance(part, dict)]
    return {"content": "".join(texts), "refusal": message.get("refusal")}


def count_tokens(body: dict[str, Any]) -> Usage:
    """Read the tokens of a model that the price tables do not know."""
    usage = body.get("usage") or body.get("usage_metadata") or {}
    return Usage(tokens_in=_count(usage, _TOKENS_IN), tokens_out=_count(usage, _TOKENS_OUT))


def _first(body: dict[str, Any], name: str) -> dict[str, Any]:
    listed = body.get(name)
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}


def _count(usage: dict[str, Any], names: tuple[str, ...]) -> int:
    return next((usage[name] for name in names if usage.get(name) is not None), 0)
