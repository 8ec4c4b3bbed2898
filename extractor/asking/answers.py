"""What a model answered: the message as it came, what it cost, and the claims in it."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from extractor.asking.limits import RateLimit
from extractor.asking.parsing import parse_json
from extractor.asking.secrets import shorten
from extractor.claims import Claim
from extractor.errors import (
    ContentFilteredError,
    InvalidAnswerError,
    RefusedError,
    TruncatedError,
)
from extractor.results import Problem, RejectedClaim, TokenCount

_CLAIM = TypeAdapter(Claim)
_SHOWN = 200


def _read_count(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) else 0


_Counted = Annotated[TokenCount, BeforeValidator(_read_count)]


class Usage(BaseModel):
    """Tokens of one answer, as the server counted them; 0 where it said no whole number."""

    tokens_in: _Counted = 0
    tokens_out: _Counted = 0
    tokens_cached: _Counted = 0


class Answer(BaseModel):
    """One answer, paid for and kept as it came.

    Attributes:
        message: the assistant's message, as `normalise_message` writes it.
        finish_reason: why the model stopped, in the server's words.
        form: how it was asked for: the mode, and whether the schema was strict.
        model: the model that answered, as the server names it.
        latency_s: seconds between question and answer.
        created: when it arrived, in ISO 8601, UTC.
        paid_for: the `extraction_id` that it was asked for, and whose cost it is.
        cached: whether it was read from the cache now.
        rate_limits: what the server said with it that it still allows.
    """

    message: dict[str, Any]
    finish_reason: str | None = None
    usage: Usage = Field(default_factory=Usage)
    form: str | None = None
    model: str | None = None
    latency_s: float = 0.0
    created: str
    paid_for: str | None = None
    cached: bool = Field(default=False, exclude=True)
    rate_limits: tuple[RateLimit, ...] = Field(default=(), exclude=True)

    @property
    def texts(self) -> list[str]:
        """The JSON texts: the arguments of each tool call, or else the content."""
        calls = self.message.get("tool_calls")
        if calls:
            return [call["function"]["arguments"] for call in calls]
        return [self.message.get("content") or ""]

    def check_finish(self) -> None:
        """Make sure that the model was willing, and allowed, to answer.

        Raises:
            RefusedError: it was not willing.
            ContentFilteredError: it was not allowed.
        """
        if refusal := self.message.get("refusal"):
            raise RefusedError(f"the model refused: {shorten(refusal)}")
        if self.finish_reason == "content_filter":
            raise ContentFilteredError("the provider's content filter withheld the answer")

    def parse(self) -> tuple[list[Claim], list[RejectedClaim]]:
        """Read the claims one by one, so that a malformed one costs no other.

        Returns:
            The claims that fit the schema, in order, and the entries that do not with the reasons.

        Raises:
            InvalidAnswerError: a text is not JSON, or has no list `claims`.
            TruncatedError: so it is, because the answer was cut off.
        """
        was_cut = self.finish_reason == "length"
        claims: list[Claim] = []
        malformed: list[RejectedClaim] = []
        for text in self.texts:
            try:
                entries = _find_claims(text, is_whole=not was_cut)
            except InvalidAnswerError:
                if was_cut:
                    raise TruncatedError(
                        f"the answer was cut off after {self.usage.tokens_out} tokens; "
                        "allow more, for example with --param max_completion_tokens=8000"
                    ) from None
                raise
            for entry in entries:
                try:
                    claims.append(_CLAIM.validate_python(entry))
                except ValidationError as error:
                    malformed.append(RejectedClaim(claim=entry, problems=_describe(error)))
        return claims, malformed


def _find_claims(text: str, *, is_whole: bool) -> list[Any]:
    if not text.strip():
        raise InvalidAnswerError("the answer is empty")
    try:
        answer = parse_json(text)
    except ValueError as error:
        if not is_whole:
            raise InvalidAnswerError("the answer is not whole") from error
        answer = _find_json(text)
    entries = answer.get("claims") if isinstance(answer, dict) else answer
    if isinstance(entries, str):
        # Some models write the list as JSON within the JSON.
        entries = _find_json(entries)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidAnswerError(
            f'the answer has no list "claims" of objects: {shorten(text, _SHOWN)}'
        )
    return entries


def _find_json(text: str) -> Any:
    """Read the last JSON value of an answer that wraps it in a fence, in thoughts or in prose."""
    # Imported late: instructor takes most of a second, and whole answers need none of it.
    from instructor.v2.core.json import extract_json_from_codeblock  # noqa: PLC0415

    try:
        return parse_json(extract_json_from_codeblock(text))
    except ValueError as error:
        raise InvalidAnswerError(
            f"the answer is not JSON ({error}): {shorten(text, _SHOWN)}"
        ) from error


def _describe(error: ValidationError) -> list[Problem]:
    problems = []
    for detail in error.errors(include_url=False):
        place = ".".join(map(str, detail["loc"])) or "claim"
        message = f"{place}: {detail['msg']}"
        problems.append(Problem(check="schema", severity="error", message=message))
    return problems
