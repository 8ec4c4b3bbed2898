import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from extractor.cli import app
from extractor.errors import ConfigError, InputError
from extractor.evaluation.gold import load_gold
from extractor.resources import data_folder

RESTATED = data_folder("evals") / "gold" / "restated.jsonl"
DAILY = data_folder("evals") / "gold" / "daily_papers.jsonl"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(
        app,
        [str(argument) for argument in arguments],
        catch_exceptions=True,
        env={"COLUMNS": "120"},
    )


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """The first labelled abstracts of the self-contained set."""
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(RESTATED.read_text().splitlines(keepends=True)[:12]))
    return path


@pytest.fixture
def perfect(gold: Path, tmp_path: Path) -> Path:
    """The labels themselves, as a system's answers."""
    path = tmp_path / "perfect.jsonl"
    lines = []
    for document in load_gold(gold):
        claims = [claim.model_dump(exclude={"status", "span"}) for claim in document.claims]
        lines.append(json.dumps({"id": document.id, "status": "claims", "claims": claims}))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_bare_eval_takes_the_self_contained_set_and_prints_the_ceiling() -> None:
    result = invoke("eval", "--model", "patterns")
    assert result.exit_code == 0
    assert "patterns on restated: 120 abstracts, 369 required and 66 optional" in result.output
    assert "two people" in result.output
    (soft,) = [line for line in result.output.splitlines() if re.match(r" soft F1 +\d", line)]
    assert len(soft.split()) == 7, "score, interval and ceiling"


def test_labels_as_predictions_score_one_everywhere(gold: Path, perfect: Path) -> None:
    result = invoke("eval", gold, "--predictions", perfect, "--json")
    card = json.loads(result.output)
    for name in ("soft_f1", "strict_f1", "figures_f1", "detection_f1", "grounding"):
        assert card["figures"][name]["value"] == 1.0, name
    assert card["figures"]["invention"]["value"] == 0.0
    assert card["causes"] == {}


def test_below_a_floor_the_exit_code_is_one_and_the_figure_is_named(gold: Path) -> None:
    passed = invoke("eval", gold, "--model", "patterns", "--fail-under", "soft=0.01")
    assert passed.exit_code == 0
    failed = invoke(
        "eval", gold, "--model", "patterns", "--fail-under", "soft=0.99", "--fail-under", "strict=0"
    )
    assert failed.exit_code == 1
    assert "Too low: soft_f1" in failed.output
    assert "strict_f1:" not in failed.output


def test_runs_show_their_spread_and_write_a_card_each(gold: Path, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    result = invoke("eval", gold, "--model", "patterns", "--runs", "2", "-o", card)
    assert "over 2 runs" in result.output
    assert card.is_file()
    assert (tmp_path / "card.run2.json").is_file()


def test_a_card_against_itself_differs_by_exactly_nothing(
    gold: Path, perfect: Path, tmp_path: Path
) -> None:
    card = tmp_path / "a.json"
    invoke("eval", gold, "--predictions", perfect, "-o", card)
    result = invoke("compare", card, card, "--json")
    assert result.exit_code == 0
    figures = json.loads(result.output)["figures"]
    assert {figures[name]["value"] for name in figures} <= {0.0, None}
    assert figures["soft_f1"]["low"] == figures["soft_f1"]["high"] == 0.0


def test_a_worse_card_exits_with_one_unless_the_margin_allows_it(
    gold: Path, perfect: Path, tmp_path: Path
) -> None:
    good, poor = tmp_path / "good.json", tmp_path / "poor.json"
    invoke("eval", gold, "--predictions", perfect, "-o", good)
    invoke("eval", gold, "--model", "patterns", "-o", poor)
    worse = invoke("compare", good, poor)
    assert worse.exit_code == 1
    assert "claims found by B alone: 0" in worse.output
    assert invoke("compare", poor, good).exit_code == 0
    assert invoke("compare", good, poor, "--margin", "0.99").exit_code == 0


def test_what_cannot_be_compared_is_an_error_and_not_a_result(gold: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    invoke("eval", gold, "--model", "patterns", "-o", here)
    invoke("eval", "--model", "patterns", "-o", there)
    result = invoke("compare", here, there)
    assert isinstance(result.exception, InputError)
    assert "other labels" in str(result.exception)


def test_predictions_of_other_abstracts_are_refused(gold: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.jsonl"
    foreign.write_text('{"id": "nobody", "claims": []}\n')
    result = invoke("eval", gold, "--predictions", foreign)
    assert isinstance(result.exception, InputError)
    assert "no abstract in common" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fail-under", "soft"), "NAME=VALUE"),
        (("--fail-under", "soft=high"), "not a number"),
        (("--fail-under", "charm=1"), "no figure is called 'charm'"),
        (("--predictions", RESTATED), "without --model"),
    ],
)
def test_wrong_use_is_explained(gold: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke("eval", gold, "--model", "patterns", *arguments)
    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)


def test_an_unknown_set_names_the_known_ones() -> None:
    result = invoke("eval", "nosuch", "--model", "patterns")
    assert isinstance(result.exception, InputError)
    assert "restated" in str(result.exception)


def test_labels_without_texts_are_joined_with_a_corpus(corpus: Path, tmp_path: Path) -> None:
    hydrated = tmp_path / "hydrated.jsonl"
    result = invoke("gold", "hydrate", "daily_papers", "--corpus", corpus, "-o", hydrated)
    assert result.exit_code == 0
    documents = load_gold(hydrated)
    assert len(documents) == 120
    for document in documents:
        assert document.text is not None
        for claim in document.claims:
            assert claim.span is not None
            assert document.text[slice(*claim.span)].strip()
    assert invoke("gold", "check", hydrated).exit_code == 0


def test_labels_that_find_no_text_are_named(tmp_path: Path) -> None:
    corpus = tmp_path / "papers.jsonl"
    corpus.write_text('{"title": "A paper of nobody", "text": "It says nothing."}\n')
    result = invoke("gold", "hydrate", "--corpus", corpus, "-o", tmp_path / "out.jsonl")
    assert "left out dp-ddf9d131e4: no text has its hash or its title" in result.output


def test_the_projects_own_labels_are_sound() -> None:
    result = invoke("gold", "check")
    assert result.exit_code == 0, result.output


def test_a_broken_label_is_found_and_named(gold: Path) -> None:
    records = [json.loads(line) for line in gold.read_text().splitlines()]
    labelled = next(record for record in records if record["claims"])
    labelled["claims"][0]["evidence"] = "words that nobody wrote"
    gold.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = invoke("gold", "check", gold)
    assert result.exit_code == 1
    assert f"{labelled['id']}, claim 1: evidence" in result.output


def test_agreement_of_annotators_comes_with_alphas() -> None:
    result = invoke("gold", "agreement", "restated.annotator_a", "restated.annotator_b", "--json")
    measured = json.loads(result.output)
    assert measured["abstracts"] == 120
    assert 0.5 < measured["figures"]["soft_f1"]["value"] < 1.0
    assert measured["alphas"]["outcome"]["value"] > 0.5


def test_tasks_come_back_from_label_studio_as_they_went(gold: Path, tmp_path: Path) -> None:
    tasks, config, back = tmp_path / "tasks.json", tmp_path / "config.xml", tmp_path / "back.jsonl"
    assert invoke("gold", "export", gold, "-o", tasks, "--config", config).exit_code == 0
    assert config.read_text().startswith("<View>")
    assert invoke("gold", "import", tasks, "-o", back).exit_code == 0
    assert load_gold(back) == load_gold(gold)


def test_tasks_can_be_pre_labelled_by_a_model(gold: Path, perfect: Path, tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.json"
    invoke("gold", "export", gold, "--predictions", perfect, "-o", tasks)
    first = json.loads(tasks.read_text())[0]
    assert first["predictions"][0]["model_version"] == "perfect.jsonl"
    assert first["predictions"][0]["result"]
