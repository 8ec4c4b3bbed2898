"""The gold sets that come with the project, and what is written about them."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from extractor.documents import Abstract
from extractor.evaluation import (
    Prediction,
    check_document,
    check_gold_file,
    export_tasks,
    hydrate_gold,
    import_annotations,
    load_gold,
    measure_agreement,
    save_gold,
    score,
)
from extractor.resources import data_folder

EVALS = data_folder("evals")
FILES = sorted((EVALS / "gold").glob("*.jsonl"))
SETTLED = [file for file in FILES if "annotator" not in file.name]
EXAMPLES = [file.read_text(encoding="utf-8") for file in data_folder("prompts").rglob("*.*")]
UNTOLD = {"grounding", "invention"}


def _name(file: Path) -> str:
    return file.stem


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_every_label_is_sound(file: Path) -> None:
    assert check_gold_file(file, EXAMPLES) == []
    assert len(load_gold(file)) == 120


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_label_files_come_back_as_they_were_read(file: Path, tmp_path: Path) -> None:
    save_gold(load_gold(file), tmp_path / "gold.jsonl")
    assert load_gold(tmp_path / "gold.jsonl") == load_gold(file)


@pytest.mark.parametrize("file", SETTLED, ids=_name)
def test_gold_against_itself_scores_one_everywhere(file: Path) -> None:
    gold = load_gold(file)
    report = score(gold, {each.id: Prediction.of(each.claims) for each in gold})
    for name, value in report.figures().items():
        expected = {"invention": 0.0}.get(name, 1.0)
        assert value == expected or (value is None and name in UNTOLD), name
    assert report.causes() == {}


def test_published_abstracts_are_not_included() -> None:
    for file in EVALS.glob("gold/daily_papers*.jsonl"):
        for document in load_gold(file):
            assert document.text is None
            assert not any(claim.evidence for claim in document.claims)


def test_the_self_contained_set_travels_through_label_studio() -> None:
    gold = load_gold(EVALS / "gold" / "restated.jsonl")
    assert import_annotations(json.loads(json.dumps(export_tasks(gold)))) == gold


def test_labels_join_with_the_published_texts(corpus: Path) -> None:
    lines = [line for file in corpus.iterdir() for line in file.read_text("utf-8").split("\n")]
    abstracts = (Abstract(id="x", text=line) for line in lines if len(line.split()) > 25)
    joined = hydrate_gold(load_gold(EVALS / "gold" / "daily_papers.jsonl"), abstracts)
    assert len(joined.documents) == 120
    assert not joined.unjoined and not joined.reanchored
    assert [problem for each in joined.documents for problem in check_document(each)] == []


def test_the_data_sheet_tells_the_measured_agreement() -> None:
    sheet = (EVALS / "DATASHEET.md").read_text(encoding="utf-8")
    for column, name in enumerate(("restated", "daily_papers"), start=2):
        files = [EVALS / "gold" / f"{name}.annotator_{letter}.jsonl" for letter in "ab"]
        if not all(file.is_file() for file in files):
            continue
        agreement = measure_agreement(*map(load_gold, files))
        told = {
            cells[1].strip(): cells[column].split()[0]
            for line in sheet.splitlines()
            if len(cells := line.split("|")) == 5 and re.match(r"\d", cells[column].strip())
        }
        for figure in ("detection_f1", "soft_f1", "strict_f1", "figures_f1", "datasets_accuracy"):
            assert told[figure] == f"{agreement.figures[figure].value:.3f}"
        for field, alpha in agreement.alphas.items():
            assert told[field] == f"{alpha.value:.3f}"


def test_the_croissant_file_describes_the_files() -> None:
    croissant = json.loads((EVALS / "croissant.json").read_text(encoding="utf-8"))
    assert croissant["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    described = {item["@id"]: item for item in croissant["distribution"]}
    assert {item["contentUrl"] for item in described.values()} == {
        f"gold/{file.name}" for file in FILES
    }
    for item in described.values():
        content = (EVALS / item["contentUrl"]).read_bytes()
        assert item["sha256"] == hashlib.sha256(content).hexdigest(), item["name"]
        assert item["contentSize"] == f"{len(content)} B"
    for records in croissant["recordSet"]:
        file = records["field"][0]["source"]["fileObject"]["@id"]
        first = json.loads((EVALS / described[file]["contentUrl"]).read_text().split("\n")[0])
        assert {field["name"] for field in records["field"]} == set(first)
