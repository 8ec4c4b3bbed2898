from pathlib import Path

import pytest

from extractor.documents import Abstract
from extractor.errors import PromptError
from extractor.grounding import GroundedText
from extractor.prompting import (
    Example,
    list_prompts,
    load_examples,
    load_prompt,
    render_abstract,
)
from extractor.validation import Subject, validate_claim

EXAMPLES = [example for version in list_prompts() for example in load_examples(version)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.abstract.title)
def test_few_shot_examples_pass_the_checks_that_answers_have_to_pass(example: Example) -> None:
    grounded = GroundedText(example.abstract)
    for claim in example.answer.claims:
        subject = Subject(claim, example.abstract, grounded.ground(claim))
        assert validate_claim(subject) == []


def test_a_prompt_begins_with_the_rules_and_ends_with_the_examples() -> None:
    system = load_prompt("v1").system
    assert system.startswith("You extract result claims")
    assert system.index("Example 1") < system.index("Example 3")
    assert system.endswith("}")


def test_the_fingerprint_follows_every_change_of_the_words(tmp_path: Path) -> None:
    (tmp_path / "examples.jsonl").write_text("")
    (tmp_path / "system.md").write_text("Extract.")
    first = load_prompt(str(tmp_path))
    (tmp_path / "system.md").write_text("Extract!")
    assert load_prompt(str(tmp_path)).fingerprint != first.fingerprint


def test_text_is_never_a_template() -> None:
    text = "We score {{ 7 * 7 }} on {dataset} with {# all #} of %s and ${HOME}."
    assert render_abstract(Abstract(id="1", text=text)).endswith(text)


def test_an_unknown_version_names_the_known_ones() -> None:
    with pytest.raises(PromptError, match=r"no prompt 'v99'.*v1"):
        load_prompt("v99")


def test_a_broken_example_is_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "system.md").write_text("Extract.")
    (tmp_path / "examples.jsonl").write_text('{"title": "A"}\n')
    with pytest.raises(PromptError, match=r"examples\.jsonl:1"):
        load_prompt(str(tmp_path))
