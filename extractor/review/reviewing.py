"""A review under way: reads what there is to decide, and takes decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from extractor.errors import ExtractorError
from extractor.review.checking import CheckedLabel, LabelChecker
from extractor.review.differences import pair_labels
from extractor.review.goldfile import GoldFile
from extractor.review.items import ReviewItem
from extractor.review.journal import Change, Decision, Journal, Spent
from extractor.review.labels import (
    Action,
    Finish,
    Label,
    LabelState,
    Put,
    Step,
    Suggestion,
    apply_action,
    list_undecided,
    touched_by,
)
from extractor.review.offers import find_offers

JOINT = "joint"
"""The set of labels that everyone works on who sees suggestions."""
SETTLED = "settled"
"""The set of labels that two other sets are settled in."""

# What a page may report at once; it does so every few seconds.
_MOST_ACTIVE_S = 60.0
_PREPARED = 32


class UnknownError(ExtractorError):
    """There is no such abstract, set of labels, label or suggestion."""


class RefusedError(ExtractorError):
    """A decision that cannot be taken as things are."""


class ConflictError(ExtractorError):
    """Someone else has meanwhile decided on what a decision builds on.

    Attributes:
        decision: theirs.
    """

    def __init__(self, decision: Decision) -> None:
        who = decision.annotator or "the gold file"
        super().__init__(f"{who} has changed this meanwhile")
        self.decision = decision


@dataclass(frozen=True, slots=True)
class View:
    """An abstract as it stands.

    Attributes:
        decision: the newest one; None before the first.
        labels: the labels, each with what there is to say about it.
    """

    item: ReviewItem
    decision: Decision | None
    state: LabelState
    labels: tuple[CheckedLabel, ...]

    @property
    def version(self) -> int:
        """The number of the newest decision, 0 before the first."""
        return self.decision.version if self.decision else 0


@dataclass(frozen=True)
class Review:
    """The abstracts of a store with the decisions of a journal.

    Attributes:
        annotator: who decides.
        gold_files: the gold file of each set of labels that may be seen, by its name.
        blind: whether suggestions are withheld, and with them every set but the annotator's own.
        between: the sets of labels to be settled, where there are more than two.
    """

    items: Mapping[str, ReviewItem]
    journal: Journal
    annotator: str
    gold_files: Mapping[str, GoldFile]
    blind: bool = False
    between: tuple[str, ...] = ()

    @property
    def own_set(self) -> str:
        """The set of labels that the annotator works on."""
        return self.annotator if self.blind else JOINT

    def find_item(self, key: str) -> ReviewItem:
        """Look an abstract up.

        Raises:
            UnknownError: there is none of this key.
        """
        if key not in self.items:
            raise UnknownError(f"no abstract {key}")
        return self.items[key]

    def suggest(self, label_set: str, item: ReviewItem) -> Mapping[str, Suggestion]:
        """The suggestions for an abstract, by key: a model's, or to be settled, of two annotators.

        Raises:
            RefusedError: it is to be settled, and not both have finished it.
        """
        if label_set != SETTLED:
            return {} if self.blind else item.suggestions
        first, second = self.rivals()
        one, other = (self._read_finished(name, item.key) for name in (first, second))
        if one is None or other is None:
            raise RefusedError(f"{first} and {second} have not both finished this abstract")
        return pair_labels(item, {first: one, second: other})

    def rivals(self) -> tuple[str, str]:
        """The two sets of labels that are settled.

        Raises:
            RefusedError: there are not two of them, or more and none was chosen.
        """
        there = [name for name in self.journal.list_sets() if name != SETTLED]
        chosen = [name for name in self.between if name in there] or there
        if self.blind or len(chosen) != 2:
            raise RefusedError(
                f"to settle takes the labels of two annotators; there are those of "
                f"{', '.join(there) or 'nobody'}: a second one labels with --blind, and of three "
                "two are chosen with --settle"
            )
        return chosen[0], chosen[1]

    def can_settle(self) -> bool:
        """Tell whether there are two sets of labels to settle."""
        try:
            return bool(self.rivals())
        except RefusedError:
            return False

    def list_to_settle(self) -> list[str]:
        """List the abstracts that both annotators have finished."""
        finished = [
            {each.abstract for each in self.journal.list_newest(name) if each.state.finished}
            for name in self.rivals()
        ]
        return [key for key in self.items if all(key in keys for keys in finished)]

    def view(self, label_set: str, key: str) -> View:
        """Read an abstract as it stands in a set of labels."""
        item = self.find_item(key)
        decision = self.journal.find(self.require_set(label_set), key)
        state = decision.state if decision else LabelState()
        return View(item, decision, state, tuple(_checker(item).check(state.labels)))

    def check_all(self, item: ReviewItem, labels: Sequence[Label]) -> list[CheckedLabel]:
        """Check labels of an abstract, each by itself."""
        checker = _checker(item)
        return [checked for label in labels for checked in checker.check([label])]

    def offers(self, label_set: str, key: str) -> dict[str, Any]:
        """What the fields of an abstract's labels offer."""
        return _find_offers(self.find_item(key), with_claims=not self.blind and label_set == JOINT)

    def decide(self, label_set: str, key: str, base: int, action: Action) -> View:
        """Take a decision, bring it onto the disk, and renew the gold file where it has to be.

        Args:
            label_set: where it counts.
            key: the abstract.
            base: the version that the annotator saw.
            action: the decision.

        Raises:
            ConflictError: someone else has changed since what the decision builds on.
            RefusedError: it cannot be taken as things are.
            UnknownError: it names what there is not.
        """
        item = self.find_item(key)
        suggestions = self.suggest(self.require_set(label_set), item)
        with self.journal.transact():
            newest = self.journal.find(label_set, key)
            self._require_current(label_set, key, base, newest, action)
            before = newest.state if newest else LabelState()
            if isinstance(action, Step):
                change = self._step(label_set, key, newest, action)
            else:
                change = Change(
                    action=action.model_dump_json(),
                    state=self._apply(item, before, action, suggestions),
                    back=_find_back(newest, action),
                )
            if change.state != before or isinstance(action, Step):
                self.journal.append(label_set, key, self.annotator, change)
                # However quick it was, it is part of the pace.
                self.journal.add_time(self._spend(label_set, key, 0.0))
        if change.state.finished or before.finished:
            self.gold_files[label_set].write(self.journal, self.items)
        return self.view(label_set, key)

    def add_time(self, label_set: str, key: str, active_s: float) -> None:
        """Note time that the annotator was busy with an abstract."""
        spent = self._spend(self.require_set(label_set), self.find_item(key).key, active_s)
        with self.journal.transact():
            self.journal.add_time(spent)

    def _spend(self, label_set: str, key: str, active_s: float) -> Spent:
        active_s = min(max(active_s, 0.0), _MOST_ACTIVE_S)
        return Spent(label_set, key, self.annotator, not self.blind, active_s)

    def require_set(self, label_set: str) -> str:
        """Make sure that a set of labels may be seen.

        Raises:
            UnknownError: it may not, or there is none of this name.
        """
        if label_set not in self.gold_files:
            raise UnknownError(f"no set of labels {label_set}")
        return label_set

    def _read_finished(self, label_set: str, key: str) -> LabelState | None:
        decision = self.journal.find(label_set, key)
        return decision.state if decision and decision.state.finished else None

    def _require_current(
        self, label_set: str, key: str, base: int, newest: Decision | None, action: Action
    ) -> None:
        """Make sure that nobody has changed what an action touches since a version."""
        if newest is None or newest.version == base:
            return
        seen = self.journal.find(label_set, key, base) if base else None
        states = seen.state if seen else LabelState(), newest.state
        if touched_by(action, states[0]) != touched_by(action, states[1]):
            raise ConflictError(newest)

    def _apply(
        self,
        item: ReviewItem,
        before: LabelState,
        action: Action,
        suggestions: Mapping[str, Suggestion],
    ) -> LabelState:
        checker = _checker(item)
        if isinstance(action, Put):
            action = action.model_copy(update={"label": checker.place(action.label)})
        try:
            state = apply_action(before, action, suggestions)
        except KeyError as error:
            raise UnknownError(f"no label or suggestion {error}") from error
        if isinstance(action, Finish):
            if undecided := list_undecided(state, suggestions):
                raise RefusedError(f"suggestions still undecided: {len(undecided)}")
            if any(checked.blocks for checked in checker.check(state.labels)):
                raise RefusedError(
                    "a label still has something wrong that a gold file must not have"
                )
        return state

    def _step(self, label_set: str, key: str, newest: Decision | None, step: Step) -> Change:
        """Find the state that undo or redo leads to, and where the next ones lead."""
        target = (newest.back if step.action == "undo" else newest.forward) if newest else None
        if newest is None or target is None:
            raise RefusedError(f"there is nothing to {step.action}")
        if newest.annotator != self.annotator:
            raise RefusedError(f"the last change is not yours but {newest.annotator}'s")
        reached = self.journal.find(label_set, key, target)
        state = reached.state if reached else LabelState()
        change = Change(action=step.model_dump_json(), state=state, back=None)
        if step.action == "redo":
            forward = reached.forward if reached else None
            return replace(change, back=newest.version, forward=forward)
        is_own = reached is not None and reached.annotator == self.annotator
        return replace(
            change, back=reached.back if reached and is_own else None, forward=newest.version
        )


def _find_back(newest: Decision | None, action: Action) -> int | None:
    """Find where undo leads: edits of one field in a row are undone together."""
    if newest is None:
        return 0
    if isinstance(action, Put) and action.field is not None:
        edited = _read_put(newest)
        if edited == (action.label.key, action.field):
            return newest.back
    return newest.version


def _read_put(decision: Decision) -> tuple[str, str | None] | None:
    if not decision.action.startswith('{"action":"put"'):
        return None
    put = Put.model_validate_json(decision.action)
    return put.label.key, put.field


@lru_cache(maxsize=_PREPARED)
def _checker(item: ReviewItem) -> LabelChecker:
    return LabelChecker(item.abstract)


@lru_cache(maxsize=_PREPARED)
def _find_offers(item: ReviewItem, *, with_claims: bool) -> dict[str, Any]:
    suggested = [each.label for each in item.suggestions.values()] if with_claims else []
    return find_offers(item.abstract, suggested)
