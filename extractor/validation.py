"""Claim + abstract -> list of problems.

Every check has a name, a severity and a message that a model can act on, and can be switched
off by its name.
"""

from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass
from functools import cached_property

from extractor.claims import Claim, Quantity
from extractor.documents import Abstract
from extractor.errors import ConfigError
from extractor.results import Grounding, Problem, Severity


@dataclass(frozen=True)
class Subject:
    """What a check looks at.

    Attributes:
        earlier: `content_key` of the claims of the same answer that came before and were
            accepted.
    """

    claim: Claim
    abstract: Abstract
    grounding: Grounding
    earlier: Set[str] = frozenset()

    @cached_property
    def content_key(self) -> str:
        """The claim's `content_key`."""
        return content_key(self.claim)


@dataclass(frozen=True, slots=True)
class Check:
    """A named rule.

    Attributes:
        mendable: whether asking again can mend it; a duplicate is just dropped.
        find: the messages of what is wrong, none if nothing is.
    """

    name: str
    severity: Severity
    mendable: bool
    find: Callable[[Subject], Iterator[str]]


def validate_claim(subject: Subject, skip: Collection[str] = ()) -> list[Problem]:
    """Run every check that is not switched off on one claim."""
    return [
        Problem(check=check.name, severity=check.severity, message=message)
        for check in CHECKS
        if check.name not in skip
        for message in check.find(subject)
    ]


def content_key(claim: Claim) -> str:
    """Give what two claims have in common that say the same, wherever their quotes are from."""
    return claim.model_dump_json(include=_CONTENT)


def is_mendable(problem: Problem) -> bool:
    """Tell whether a problem is worth a re-ask: an error that another answer can put right."""
    return problem.severity == "error" and problem.check not in _UNMENDABLE


def require_checks(names: Collection[str]) -> None:
    """Make sure that these are names of checks.

    Raises:
        ConfigError: one of them is not.
    """
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            raise ConfigError(f"no check '{name}'; there are: {', '.join(known)}")


def _find_foreign_quote(subject: Subject) -> Iterator[str]:
    if subject.grounding.span is None:
        yield (
            f'the quote "{_shorten(subject.claim.evidence)}" is not in the abstract; copy '
            "one contiguous clause or sentence letter for letter, in whole words"
        )


def _find_absent_figure(subject: Subject) -> Iterator[str]:
    for role, figure in _figures(subject.claim, subject.grounding.absent_figures):
        yield f"{role}: the figure {_print(figure)} does not occur in the abstract"


def _find_empty_method(subject: Subject) -> Iterator[str]:
    if not subject.claim.method:
        yield "method is empty; name what the result is about"


def _find_no_result(subject: Subject) -> Iterator[str]:
    claim = subject.claim
    if claim.outcome == "reported" and claim.value is None and claim.delta is None:
        yield "neither a measured number nor a comparison: this is no claim, leave it out"


def _find_duplicate(subject: Subject) -> Iterator[str]:
    if subject.content_key in subject.earlier:
        yield "the same claim was given before"


def _find_distant_figure(subject: Subject) -> Iterator[str]:
    """Name figures that the abstract prints, but not in the evidence.

    This is a doubt, no error: by the labelling guide a value may come from another sentence than
    the one that states the result. A wrong figure of the same abstract so passes with a warning;
    refusing it would cost right claims as well. A baseline's figure stands elsewhere so often
    that nothing is said of it.
    """
    roles = [role for role in subject.grounding.outside_figures if role != "baseline_value"]
    for role, figure in _figures(subject.claim, roles):
        yield f"{role}: the figure {_print(figure)} stands outside the evidence"


def _find_unit_conflict(subject: Subject) -> Iterator[str]:
    for role, figure in _figures(subject.claim, subject.grounding.unit_conflicts):
        yield (
            f"{role}: the abstract prints {figure.number:.12g} with another unit than "
            f'"{figure.unit}"; give number and unit as printed'
        )


def _find_unit_doubt(subject: Subject) -> Iterator[str]:
    for role, figure in _figures(subject.claim, subject.grounding.unit_doubts):
        yield f"{role}: {_print(figure)} is not printed with this unit"


def _find_reversed_range(subject: Subject) -> Iterator[str]:
    for role, figure in subject.claim.figures():
        if figure.high is not None and figure.high <= figure.number:
            yield f"{role}: the range ends at {figure.high:g}, not above {figure.number:g}"


def _find_wrong_delta(subject: Subject) -> Iterator[str]:
    """Compare value - baseline value with the printed difference, to its printed precision."""
    value, baseline, delta = (
        subject.claim.value,
        subject.claim.baseline_value,
        subject.claim.delta,
    )
    if value is None or baseline is None or delta is None:
        return
    if {value.high, baseline.high, delta.high} != {None} or value.unit != baseline.unit:
        return
    change = value.number - baseline.number
    fits = [change]
    if delta.unit == "%" and baseline.number:
        fits.append(100 * change / abs(baseline.number))
    if delta.unit == "x" and value.number and baseline.number:
        fits = [value.number / baseline.number, baseline.number / value.number]
    slack = 0.06 * abs(delta.number) + 0.06
    if delta.qualifier == "exact" and all(
        abs(abs(fit) - abs(delta.number)) > slack for fit in fits
    ):
        yield (
            f"delta: {_print(delta)} does not follow from value {_print(value)} "
            f"and baseline value {_print(baseline)}"
        )


CHECKS = (
    Check("quote", "error", True, _find_foreign_quote),
    Check("figure", "error", True, _find_absent_figure),
    Check("method", "error", True, _find_empty_method),
    Check("result", "error", False, _find_no_result),
    Check("duplicate", "error", False, _find_duplicate),
    Check("unit", "error", True, _find_unit_conflict),
    Check("figure-place", "warning", False, _find_distant_figure),
    Check("unit-place", "warning", False, _find_unit_doubt),
    Check("range", "warning", False, _find_reversed_range),
    Check("delta", "warning", False, _find_wrong_delta),
)
# Characters of a quote that a message repeats: a re-ask is paid by its length.
_ECHOED = 200
_CONTENT = set(Claim.model_fields) - {"evidence"}
_UNMENDABLE = frozenset(check.name for check in CHECKS if not check.mendable)


def _figures(claim: Claim, roles: Collection[str]) -> list[tuple[str, Quantity]]:
    if not roles:
        return []
    return [(role, figure) for role, figure in claim.figures() if role in roles]


def _print(figure: Quantity) -> str:
    number = f"{figure.number:.12g}"
    high = f"-{figure.high:.12g}" if figure.high is not None else ""
    return f"{number}{high} {figure.unit or ''}".rstrip()


def _shorten(quote: str) -> str:
    return quote if len(quote) <= _ECHOED else f"{quote[:_ECHOED]}…"
