"""What rules find in a sentence: measurements and comparisons."""

from dataclasses import dataclass

from extractor.asking.patterns.sentences import Sentence
from extractor.asking.patterns.topics import Topic
from extractor.claims import Direction, Outcome
from extractor.quantities import Figure


@dataclass(frozen=True, slots=True)
class Measurement:
    """A figure with the part it plays.

    Attributes:
        is_delta: whether it is a difference; else the method's own figure.
        direction: of a difference.
        metric: None where the sentence does not say it close to the figure.
        good: whether the wording itself says that it is good or bad; None if it does not.
        rival: the figure of a rival or of before.
        rival_name: whose figure it is, where the words around it tell.
        value: the method's own figure beside a difference.
        verdict: what the words between the method's figure and the rival's say, if anything.
    """

    figure: Figure
    is_delta: bool
    direction: Direction | None = None
    metric: str | None = None
    good: bool | None = None
    rival: Figure | None = None
    rival_name: str | None = None
    value: Figure | None = None
    verdict: Outcome | None = None

    @property
    def figures(self) -> list[Figure]:
        """All figures of the result."""
        found = (self.figure, self.value, self.rival)
        return [figure for figure in found if figure is not None]

    @property
    def start(self) -> int:
        """Where the first of its figures begins."""
        return min(figure.start for figure in self.figures)

    @property
    def inner_end(self) -> int:
        """Where the first of its figures to end does so."""
        return min(figure.end for figure in self.figures)

    @property
    def end(self) -> int:
        """Where the last of its figures ends."""
        return max(figure.end for figure in self.figures)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison that a sentence makes in words.

    Attributes:
        place: where its verb or cue begins, from the beginning of the sentence.
        end: where the words end that belong to it.
        baselines: what is compared with; may be empty.
    """

    place: int
    end: int
    outcome: Outcome
    baselines: tuple[str, ...] = ()
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one sentence, as far as drafts look at one another."""

    sentence: Sentence
    topic: Topic
    measurements: list[Measurement]
    comparisons: list[Comparison]
