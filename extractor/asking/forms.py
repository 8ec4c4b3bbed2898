"""How structured output is asked for: request bodies, built once by instructor's handlers."""

import copy
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from instructor import Mode as InstructorMode
from instructor.utils.providers import Provider
from instructor.v2.core.registry import ModeHandlers, mode_registry
from openai.types.chat import ChatCompletionMessage

from extractor.asking.answers import Answer
from extractor.asking.protocol import Message, Request
from extractor.claims import Extraction
from extractor.prompting import Prompt, render_abstract
from extractor.settings import Mode

_HANDLED_BY = {
    "json_schema": InstructorMode.JSON_SCHEMA,
    "tools": InstructorMode.TOOLS,
    "md_json": InstructorMode.MD_JSON,
}
# Stands for the abstract while instructor builds the messages; no text can hold it.
_PLACE = "\x00abstract\x00"


@dataclass(frozen=True)
class Form:
    """One way of asking: everything of a request body but model, parameters and abstract.

    Attributes:
        name: for the log: the mode, and whether the schema is strict.
        opening: the messages that are the same for every abstract.
        before: what the last message says ahead of the abstract.
        after: what it says behind the abstract.
        extras: `response_format`, or `tools` and `tool_choice`.
    """

    name: str
    opening: tuple[Message, ...]
    before: str
    after: str
    extras: dict[str, Any]

    def build_messages(self, request: Request) -> list[Message]:
        """The messages of a request: static prefix, abstract, follow-ups."""
        content = f"{self.before}{render_abstract(request.abstract)}{self.after}"
        return [*self.opening, {"role": "user", "content": content}, *request.followups]


class BodyEncoder:
    """Writes the JSON of request bodies whose static parts were encoded once.

    A prompt is some ten times as long as an abstract; encoding it anew for each would cost more
    than everything else that is done for a request before it is sent.
    """

    def __init__(self, form: Form, fixed: dict[str, Any]) -> None:
        """Encode all but abstract and follow-ups.

        Args:
            form: how is asked.
            fixed: model and parameters, the fields beside those of the form.
        """
        opening = json.dumps([*form.opening, {"role": "user", "content": form.before}])
        # The text goes on inside the last string, in front of `"}]`.
        self._head = '{"messages": ' + opening[: -len('"}]')]
        self._after = json.dumps(form.after)[1:]
        self._tail = "], " + json.dumps({**form.extras, **fixed})[1:]

    def encode(self, request: Request) -> bytes:
        """Encode the body of a request."""
        question = request.question[1:-1]
        followups = "".join(f", {json.dumps(message)}" for message in request.followups)
        return f"{self._head}{question}{self._after}}}{followups}{self._tail}".encode()


def build_forms(prompt: Prompt, first: Mode) -> list[Form]:
    """Build the ways of asking in the order in which a server is tried.

    Returns:
        The chosen mode, strict before lax, then the other modes from the most to the least
        constrained.
    """
    rest = [mode for mode in _HANDLED_BY if mode != first]
    return [form for mode in (first, *rest) for form in _build_mode(prompt, mode)]


def build_followup(answer: Answer, problems: str) -> list[Message]:
    """Let instructor phrase the re-ask: the rejected message, then the problems."""
    mode = InstructorMode.TOOLS if answer.message.get("tool_calls") else InstructorMode.JSON_SCHEMA
    message = ChatCompletionMessage.model_validate({**answer.message, "refusal": None})
    # Servers refuse a conversation with an empty message in it.
    is_empty = not any(answer.texts)
    response = None if is_empty else SimpleNamespace(choices=[SimpleNamespace(message=message)])
    kwargs = _handlers(mode).reask_handler({"messages": []}, response, ValueError(problems))
    return cast(list[Message], kwargs["messages"])


def _handlers(mode: InstructorMode) -> ModeHandlers:
    return mode_registry.get_handlers(Provider.OPENAI, mode)


def _build_mode(prompt: Prompt, mode: str) -> list[Form]:
    messages = [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": _PLACE},
    ]
    _, body = _handlers(_HANDLED_BY[mode]).request_handler(Extraction, {"messages": messages})
    *opening, last = body.pop("messages")
    before, after = last["content"].split(_PLACE)
    lax = Form(mode, tuple(opening), before, after, body)
    if mode == "md_json":
        return [lax]
    return [Form(f"{mode}, strict", tuple(opening), before, after, _make_strict(body)), lax]


def _make_strict(extras: dict[str, Any]) -> dict[str, Any]:
    """Ask for constrained decoding; instructor never sends `strict` by itself."""
    strict = copy.deepcopy(extras)
    if "response_format" in strict:
        strict["response_format"]["json_schema"]["strict"] = True
    for tool in strict.get("tools", []):
        tool["function"]["strict"] = True
    return strict
