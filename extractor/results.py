"""What becomes of one abstract: checked claims, rejected claims, a state and its provenance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from extractor.claims import Claim
from extractor.documents import Abstract, hash_text

Severity = Literal["error", "warning"]
Status = Literal["claims", "no_claims", "failed"]

# What every database takes for a count.
_LARGEST = 2**31 - 1


def _clamp(tokens: int) -> int:
    # One absurd count must not cost a run.
    return min(max(tokens, 0), _LARGEST)


TokenCount = Annotated[int, AfterValidator(_clamp)]
"""A number of tokens that every store takes: what is beyond 0 and 2**31 - 1 becomes the limit."""

SCREENED = "screened"
"""The reason of a result whose abstract was screened: `no_claims` by rules, no model was asked."""


class Problem(BaseModel):
    """One thing that a check found wrong with a claim.

    Attributes:
        check: the name of the check, as in `--skip-check`.
        severity: an `error` keeps the claim out, a `warning` stays beside it.
        message: what is wrong, in words that a model can act on.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where a claim stands in its abstract.

    Attributes:
        span: `[start, end)` of the evidence in characters of the abstract's text, None if the
            quote does not occur.
        absent_figures: roles whose number occurs nowhere in the title or text.
        outside_figures: roles whose number occurs in the abstract but not in the evidence.
        unit_conflicts: roles whose number the evidence prints with another unit, and nothing
            with the claim's.
        unit_doubts: roles whose number occurs, but neither with the claim's unit nor clearly
            with another one.
    """

    span: tuple[int, int] | None
    absent_figures: tuple[str, ...] = ()
    outside_figures: tuple[str, ...] = ()
    unit_conflicts: tuple[str, ...] = ()
    unit_doubts: tuple[str, ...] = ()


class CheckedClaim(Claim):
    """A claim that passed every check of severity `error`.

    Attributes:
        evidence: the passage as it stands in the abstract's text.
        span: `[start, end)` of the evidence in characters of the abstract's text; None only
            where the check `quote` is switched off.
        claim_id: a hash of the abstract and the claim's content; stable across runs.
        problems: the warnings that remain.
    """

    span: tuple[int, int] | None
    claim_id: str
    problems: list[Problem] = Field(default_factory=list)


class RejectedClaim(BaseModel):
    """An entry of an answer that was kept out, as the model gave it, with the reasons."""

    claim: Any
    problems: list[Problem]


class Provenance(BaseModel):
    """How an extraction came about.

    Attributes:
        extraction_id: a hash of the abstract and of everything that determines its answer.
        parameters: what was sent besides model, messages and schema.
        cache_hit: whether every answer came from the cache, so that nothing was paid.
        attempts: answers that were read, re-asks included.
        tokens_in: prompt tokens of those answers, as the server counted them. What another
            extraction has paid for counts there and not here, so that sums over all extractions
            are what was paid; so it is with the other tokens and the cost.
        tokens_cached: the part of `tokens_in` that the provider took from its own cache.
        cost_usd: price of the answers by the bundled price table; None for unknown models.
        latency_s: seconds spent waiting for answers; for cached ones, when they were paid.
        base_url: the server of the user's own that was named, without credentials.
        max_reasks, skip_checks: as in the settings; None where an older version wrote it.
    """

    extraction_id: str
    run_id: str
    model: str
    prompt: str
    schema_: str = Field(alias="schema", serialization_alias="schema")
    mode: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    cache_hit: bool = False
    attempts: int = Field(default=0, ge=0, le=_LARGEST)
    tokens_in: TokenCount = 0
    tokens_out: TokenCount = 0
    tokens_cached: TokenCount = 0
    cost_usd: float | None = None
    latency_s: float = 0.0
    created: str
    base_url: str | None = None
    max_reasks: int | None = None
    skip_checks: list[str] | None = None

    model_config = ConfigDict(
        validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class Result(BaseModel):
    """The outcome for one abstract; it is in exactly one state.

    Attributes:
        abstract: what was read; for an unreadable entry, a stand-in that names file and line.
        reason: why it failed, in one line; `screened` beside `no_claims` where the offline rules
            saw nothing and no model was asked; else None.
        rejected: what the last answer held besides the accepted claims.
    """

    abstract: Abstract
    status: Status
    reason: str | None = None
    claims: list[CheckedClaim] = Field(default_factory=list)
    rejected: list[RejectedClaim] = Field(default_factory=list)
    provenance: Provenance

    def to_record(self) -> dict[str, Any]:
        """The JSON object that stands for this result on one line of a JSONL file."""
        absent = {"text"} if self.abstract.lacks_text else None
        return {
            **self.abstract.model_dump(mode="json", exclude=absent),
            "text_sha256": self.abstract.text_sha256,
            **self.model_dump(mode="json", exclude={"abstract"}),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Result":
        """Read the object of a line back.

        Older lines hold no texts: what comes of them is an abstract without text, with
        its fingerprint, and without `url` and `published`.

        Raises:
            ValueError: a field is missing or of another kind.
        """
        fields = {name: record[name] for name in Abstract.model_fields if name in record}
        abstract: Any = fields
        if "text" not in fields:
            abstract = Abstract.without_text(record["text_sha256"], **fields)
        rest = {name: record[name] for name in cls.model_fields if name in record}
        return cls.model_validate(rest | {"abstract": abstract})


_CLAIM_FIELDS = set(Claim.model_fields)


def make_claim_id(text_sha256: str, claim: Claim) -> str:
    """Hash the abstract's text and the claim's ten fields: sixteen hexadecimal digits."""
    content = claim.model_dump_json(include=_CLAIM_FIELDS)
    return hash_text(f"{text_sha256}\n{content}")[:16]
