"""Prompt folder -> messages.

A prompt version is a folder of `prompts/` with `system.md`, the instructions, and
`examples.jsonl`, the few-shot examples: one object a line with `title`, `text` and `claims`.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from extractor.claims import Extraction
from extractor.documents import Abstract
from extractor.errors import PromptError
from extractor.resources import data_folder

DEFAULT_PROMPT = "v1"


@dataclass(frozen=True)
class Prompt:
    """What a model is told: the same system text for every abstract, then the abstract.

    Attributes:
        version: the folder's name.
        system: instructions and examples, the static prefix that providers cache.
        fingerprint: twelve hexadecimal digits of the sha256 of `system`.
    """

    version: str
    system: str

    @property
    def fingerprint(self) -> str:
        """A hash of the words that are sent; it changes with every change of the prompt."""
        return hashlib.sha256(self.system.encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """Version and fingerprint, as recorded in the provenance."""
        return f"{self.version}@{self.fingerprint}"


@dataclass(frozen=True)
class Example:
    """A few-shot example: an abstract of our own writing and its right answer."""

    abstract: Abstract
    answer: Extraction


def render_abstract(abstract: Abstract) -> str:
    """Write an abstract as the model reads it; the text is joined in, never a template."""
    heading = f"Title: {abstract.title}\n" if abstract.title else ""
    return f"{heading}Abstract: {abstract.text}"


def list_prompts() -> list[str]:
    """Name the prompt versions at hand."""
    return sorted(path.name for path in data_folder("prompts").glob("*") if path.is_dir())


def load_prompt(version: str = DEFAULT_PROMPT) -> Prompt:
    """Load a prompt version by name, or from a folder of the caller's own by its path.

    Raises:
        PromptError: there is no such version, or its folder is incomplete.
    """
    folder = _locate_prompt(version)
    instructions = _read_part(folder / "system.md").strip()
    examples = [
        f"Example {number}\n{render_abstract(example.abstract)}\n"
        f"Answer: {example.answer.model_dump_json()}"
        for number, example in enumerate(load_examples(version), start=1)
    ]
    return Prompt(version=folder.name, system="\n\n".join([instructions, *examples]))


def load_examples(version: str = DEFAULT_PROMPT) -> list[Example]:
    """Load the few-shot examples of a prompt version.

    Raises:
        PromptError: the examples are missing or do not fit the schema.
    """
    path = _locate_prompt(version) / "examples.jsonl"
    examples = []
    for number, line in enumerate(_read_part(path).splitlines(), start=1):
        try:
            entry = json.loads(line)
            abstract = Abstract(id=f"example-{number}", title=entry["title"], text=entry["text"])
            answer = Extraction.model_validate({"claims": entry["claims"]})
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise PromptError(
                f"{path}:{number}: not an example with title, text and claims: {error}"
            ) from error
        examples.append(Example(abstract, answer))
    return examples


def _locate_prompt(version: str) -> Path:
    shipped = data_folder("prompts") / version
    for folder in (shipped, Path(version)):
        if (folder / "system.md").is_file():
            return folder.resolve()
    raise PromptError(
        f"no prompt '{version}': neither a version ({', '.join(list_prompts())}) "
        "nor a folder with system.md and examples.jsonl"
    )


def _read_part(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"cannot read {path}: {error}") from error
