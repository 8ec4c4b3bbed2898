"""Labels under way: what a reviewer has decided about one abstract, and how decisions change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from extractor.evaluation.gold import Status
from extractor.evaluation.rules import FIGURE_FIELDS

Text = Annotated[str, Field(max_length=10_000)]
Names = Annotated[list[Text], Field(max_length=200)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Keys = Annotated[list[Key], Field(max_length=1000)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DraftFigure(_Frozen):
    """A figure as far as it is typed; what is no number yet stays as text."""

    number: float | Text | None = None
    high: float | Text | None = None
    unit: Text | None = None
    qualifier: Text = "exact"
    direction: Text | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing that a claim could hold has been typed."""
        return all(part in {None, ""} for part in (self.number, self.high, self.unit))


class DraftClaim(_Frozen):
    """A claim as far as it is typed: the fields of a claim, none of them checked."""

    method: Text = ""
    task: Text | None = None
    datasets: Names = Field(default_factory=list)
    metric: Text | None = None
    value: DraftFigure | None = None
    baselines: Names = Field(default_factory=list)
    baseline_value: DraftFigure | None = None
    delta: DraftFigure | None = None
    outcome: Text = "reported"
    evidence: Annotated[str, Field(max_length=200_000)] = ""

    def to_claim(self) -> dict[str, Any]:
        """The JSON object that a claim is read from, empty figures left out."""
        content = self.model_dump()
        for role in FIGURE_FIELDS:
            figure = getattr(self, role)
            if figure is None or figure.is_empty:
                content[role] = None
                continue
            content[role] = {
                name: part if part != "" else None for name, part in content[role].items()
            }
            if role != "delta":
                del content[role]["direction"]
        return content


class Label(_Frozen):
    """One label of an abstract.

    Attributes:
        key: tells it from the others of its abstract; that of its suggestion, if it came of one.
        span: `[start, end)` of the evidence in characters of the text; None where the quote is
            not in it.
    """

    key: Key
    status: Status = "required"
    span: tuple[int, int] | None = None
    claim: DraftClaim = DraftClaim()


class LabelState(_Frozen):
    """Everything decided about one abstract so far.

    Attributes:
        rejected: keys of the suggestions that were turned down.
    """

    finished: bool = False
    labels: tuple[Label, ...] = ()
    rejected: tuple[Key, ...] = ()

    def find(self, key: str) -> Label | None:
        """Look a label up by its key."""
        return next((label for label in self.labels if label.key == key), None)

    def holds(self, key: str) -> bool:
        """Tell whether a suggestion, or a label of this key, was accepted or rejected."""
        return key in self.rejected or self.find(key) is not None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A claim that may become a label.

    Attributes:
        sources: who made it: a model, or annotators.
        rivals: keys of suggestions that say the same otherwise; one of them at most is taken.
        differs: the fields in which it differs from its rivals.
    """

    label: Label
    sources: tuple[str, ...]
    rivals: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class Accept(_Frozen):
    """Take suggestions over as labels, in place of their rivals."""

    action: Literal["accept"]
    keys: Keys


class Reject(_Frozen):
    """Turn suggestions down."""

    action: Literal["reject"]
    keys: Keys


class Reconsider(_Frozen):
    """Take a rejection back."""

    action: Literal["reconsider"]
    key: Key


class Put(_Frozen):
    """Add a label, or write one anew.

    Attributes:
        field: the field that was edited; edits of one field in a row are undone together.
    """

    action: Literal["put"]
    label: Label
    field: Text | None = None


class Remove(_Frozen):
    """Take a label away; the suggestion it came of counts as rejected."""

    action: Literal["remove"]
    key: Key


class Finish(_Frozen):
    """Call an abstract done: without labels, it has no claim.

    Attributes:
        reject_rest: turn the suggestions down that are still undecided.
    """

    action: Literal["finish"]
    reject_rest: bool = False


class Reopen(_Frozen):
    """Take it back that an abstract is done."""

    action: Literal["reopen"]


class Step(_Frozen):
    """Go one change back, or forth again."""

    action: Literal["undo", "redo"]


Action = Annotated[
    Accept | Reject | Reconsider | Put | Remove | Finish | Reopen | Step,
    Field(discriminator="action"),
]
ACTIONS: TypeAdapter[Action] = TypeAdapter(Action)


def apply_action(
    state: LabelState, action: Action, suggestions: Mapping[str, Suggestion]
) -> LabelState:
    """Work out what an action other than undo and redo makes of a state.

    Args:
        state: what was decided so far.
        action: the decision.
        suggestions: what was suggested for the abstract, by key.

    Returns:
        The new state; it is open again unless the action finishes it.

    Raises:
        KeyError: the action names a label or suggestion that there is not.
    """
    labels, rejected = {label.key: label for label in state.labels}, dict.fromkeys(state.rejected)
    match action:
        case Accept(keys=keys):
            for key in keys:
                for rival in suggestions[key].rivals:
                    labels.pop(rival, None)
                    rejected[rival] = None
                labels.setdefault(key, suggestions[key].label)
                rejected.pop(key, None)
        case Reject(keys=keys):
            for key in keys:
                rejected[suggestions[key].label.key] = None
                labels.pop(key, None)
        case Reconsider(key=key):
            rejected.pop(key)
        case Put(label=label):
            labels[label.key] = label
            rejected.pop(label.key, None)
        case Remove(key=key):
            del labels[key]
            if key in suggestions:
                rejected[key] = None
        case Finish(reject_rest=True):
            rejected.update(dict.fromkeys(key for key in suggestions if key not in labels))
    return LabelState(
        finished=isinstance(action, Finish),
        labels=tuple(labels.values()),
        rejected=tuple(rejected),
    )


def list_undecided(state: LabelState, suggestions: Mapping[str, Suggestion]) -> list[str]:
    """List the keys of suggestions that were neither accepted nor rejected."""
    return [key for key in suggestions if not state.holds(key)]


def touched_by(action: Action, state: LabelState) -> object:
    """Give the part of a state that an action builds on or writes over.

    Two changes to one abstract get along if neither changed what the other touches.
    """
    match action:
        case Accept(keys=keys) | Reject(keys=keys):
            return state.finished, [(state.find(key), key in state.rejected) for key in keys]
        case Reconsider(key=key) | Remove(key=key):
            return state.finished, state.find(key), key in state.rejected
        case Put(label=label):
            return state.finished, state.find(label.key), label.key in state.rejected
        case _:
            return state
