"""Reads the body of a chat completion, also where a server with status 200 sends none.

Servers agree on the outline and differ in the rest, so that every part is read with suspicion:
an answer that was paid for is never lost to an odd field beside it.
"""

import json
from typing import Any

from extractor.asking.answers import Answer, Usage
from extractor.asking.faults import Refusal, describe_body, map_refusal
from extractor.asking.parsing import parse_json
from extractor.asking.secrets import shorten
from extractor.errors import ExtractorError, TransientModelError

_THOUGHTS = ("reasoning_content", "reasoning")


def read_completion(body: bytes, *, model: str, latency_s: float, created: str) -> Answer:
    """Read an answer from the body of a response with status 200.

    Raises:
        ModelError: the body is a web page, cut off, an error, or holds no message.
    """
    completion = _read_object(body, model)
    if completion.get("error"):
        raise _map_error_body(completion, model)
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise TransientModelError(f"{model}: the completion holds no message")
    finish_reason = _text(choice.get("finish_reason"))
    if finish_reason == "error":
        raise TransientModelError(f"{model}: the server broke off in the middle of the answer")
    return Answer(
        message=normalise_message(message),
        finish_reason=finish_reason,
        usage=_read_usage(completion.get("usage")),
        model=_text(completion.get("model")),
        latency_s=latency_s,
        created=created,
    )


def normalise_message(message: dict[str, Any]) -> dict[str, Any]:
    """Bring an assistant's message into one form, whatever dialect it came in.

    Returns:
        `role`, `content` as text or None, `refusal` as text or None, and `tool_calls` with
        arguments as text, if there are any. What a reasoning model leaves in the place of its
        thoughts stands in `content` if there is nothing else.
    """
    content = _join_parts(message.get("content")).strip()
    calls = [call for call in map(_read_call, _listed(message.get("tool_calls"))) if call]
    if not content and not calls:
        content = next((thought for name in _THOUGHTS if (thought := _text(message.get(name)))), "")
    normal: dict[str, Any] = {
        "role": "assistant",
        "content": content or None,
        "refusal": _text(message.get("refusal")),
    }
    return normal | ({"tool_calls": calls} if calls else {})


def _read_object(body: bytes, model: str) -> dict[str, Any]:
    try:
        completion = parse_json(body.decode("utf-8", "replace"))
    except ValueError as error:
        opening = body[:2000].decode("utf-8", "replace").strip()
        what = "a web page" if opening[:1] == "<" else f"no JSON ({error})"
        said = shorten(opening, 80)
        raise TransientModelError(f"{model}: status 200 but {what}: {said!r}") from error
    if not isinstance(completion, dict):
        said = shorten(str(completion), 80)
        raise TransientModelError(f"{model}: status 200 but no completion: {said!r}")
    return completion


def _map_error_body(completion: dict[str, Any], model: str) -> ExtractorError:
    error = completion["error"]
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    said = error if isinstance(error, str) else describe_body(completion)
    return map_refusal(Refusal(status, f"status 200 with an error: {said}", completion), model)


def _join_parts(content: Any) -> str:
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(text for text in texts if isinstance(text, str))
    return _text(content) or ""


def _read_call(call: Any) -> dict[str, Any] | None:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return None
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments)
    name = _text(function.get("name")) or ""
    return {
        "id": _text(call.get("id")) or "",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _read_usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    details = usage.get("prompt_tokens_details")
    return Usage(
        tokens_in=usage.get("prompt_tokens", 0),
        tokens_out=usage.get("completion_tokens", 0),
        tokens_cached=details.get("cached_tokens", 0) if isinstance(details, dict) else 0,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
