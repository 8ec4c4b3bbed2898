"""Assesses an answer: which of its claims stand, and what to tell the model about the others."""

from collections.abc import Collection
from dataclasses import dataclass

from extractor.asking import Answer
from extractor.documents import Abstract
from extractor.grounding import GroundedText
from extractor.results import CheckedClaim, RejectedClaim, make_claim_id
from extractor.validation import Subject, content_key, is_mendable, validate_claim

_MOST_PROBLEMS = 20


@dataclass
class Assessment:
    """The claims of one answer, sorted by whether they passed the checks."""

    accepted: list[CheckedClaim]
    rejected: list[RejectedClaim]

    def describe_mendable(self) -> str:
        """The problems that another answer can put right, as lines for the model."""
        lines = [
            f"- {_name_claim(entry.claim)}: {problem.message}"
            for entry in self.rejected
            for problem in entry.problems
            if is_mendable(problem)
        ]
        if not lines:
            return ""
        more = [f"- and {len(lines) - _MOST_PROBLEMS} more of the kind"]
        shown = lines if len(lines) <= _MOST_PROBLEMS else lines[:_MOST_PROBLEMS] + more
        return "\n".join([*shown, "Give all claims again, those that were right included."])

    def explain_rejection(self) -> str:
        """Say why no claim passed, where none did."""
        first = self.rejected[0].problems[0].message
        return f"none of the {len(self.rejected)} claims passed the checks; the first: {first}"

    def improved_by(self, later: "Assessment") -> "Assessment":
        """The later, mended one; or where it gives fewer claims, this one with its additions."""
        if len(later.accepted) >= len(self.accepted):
            return later
        known = {content_key(claim) for claim in self.accepted}
        added = [claim for claim in later.accepted if content_key(claim) not in known]
        return Assessment([*self.accepted, *added], later.rejected)


def assess_answer(
    answer: Answer, abstract: Abstract, grounded: GroundedText, skip_checks: Collection[str]
) -> Assessment:
    """Check the claims of an answer against the abstract that they were made of.

    Args:
        answer: of a model, or of rules.
        abstract: what it is about.
        grounded: the abstract once more, prepared for all its answers.
        skip_checks: names of checks that are switched off.

    Raises:
        InvalidAnswerError: it is no answer to the schema.
    """
    claims, malformed = answer.parse()
    assessment = Assessment([], malformed)
    earlier: set[str] = set()
    for claim in claims:
        grounding = grounded.ground(claim)
        subject = Subject(claim, abstract, grounding, earlier)
        problems = validate_claim(subject, skip_checks)
        if any(problem.severity == "error" for problem in problems):
            assessment.rejected.append(
                RejectedClaim(claim=claim.model_dump(mode="json"), problems=problems)
            )
            continue
        span = grounding.span
        evidence = abstract.text[span[0] : span[1]] if span else claim.evidence
        fields = {**vars(claim), "evidence": evidence}
        # The fields were validated with the claim; doing so again would double its cost.
        checked = CheckedClaim.model_construct(**fields, span=span, claim_id="", problems=problems)
        checked.claim_id = make_claim_id(abstract.text_sha256, checked)
        assessment.accepted.append(checked)
        earlier.add(subject.content_key)
    return assessment


def _name_claim(claim: object) -> str:
    method = claim.get("method") if isinstance(claim, dict) else None
    return f'claim about "{method}"' if method else "claim"
