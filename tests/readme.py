"""Writes into the README what is not written by hand: output of commands, tables of scores.

`python -m tests.readme` renews it, and the questions of docs/sql.md; a test fails when they have
drifted.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from extractor.publishing.questions import list_questions

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
SQL = ROOT / "docs" / "sql.md"
_EXAMPLE = re.compile(
    r"(<!-- example: (?P<command>.+?) -->\n```text\n)(?P<output>.*?)(```\n)", re.DOTALL
)
_QUESTIONS = re.compile(r"(<!-- questions -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
_SCORES = re.compile(r"(<!-- scores -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
_CARDS = ROOT / "evals" / "scorecards"
_FIGURES = ("soft_f1", "strict_f1", "figures_f1", "detection_f1", "specificity")
_WIDTH = "110"


def render_readme(text: str) -> str:
    """Put the present output of every example, and the scores of all cards, into their places."""
    text = _EXAMPLE.sub(lambda match: match[1] + run_example(match["command"]) + match[4], text)
    return _SCORES.sub(lambda match: match[1] + render_scores() + match[3], text)


def render_scores() -> str:
    """Lay out the score cards as a Markdown table, best system first, then the human ceiling."""
    rows = []
    for path in sorted(_CARDS.glob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        system, gold = path.stem.rsplit(".", 1)
        figures = [_render_estimate(card["figures"].get(name)) for name in _FIGURES]
        soft = card["figures"]["soft_f1"]["value"]
        rows.append((gold, system == "two people", -soft, system, figures))
    rows.sort()
    titles = [name.replace("_f1", " F1").replace("_", " ") for name in _FIGURES]
    lines = [["labels", "system", *titles], ["---"] * (2 + len(_FIGURES))]
    lines += [[gold, system, *figures] for gold, _, _, system, figures in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def render_questions(text: str) -> str:
    """Put the questions in SQL into their place, with an example for each parameter."""
    parts = []
    for question in list_questions():
        examples = {name: f"'{value}'" for name, value in question.examples.items()}
        sql = re.sub(r":(\w+)", lambda match, known=examples: known[match[1]], question.sql)
        parts.append(f"\n## {question.title}\n\n```sql\n{sql}\n```\n")
    return _QUESTIONS.sub(lambda match: match[1] + "".join(parts) + "\n" + match[3], text)


def _render_estimate(estimate: dict[str, float] | None) -> str:
    if estimate is None or estimate["value"] is None:
        return ""
    value, low, high = (100 * estimate[part] for part in ("value", "low", "high"))
    return f"{value:.1f} ({low:.0f} to {high:.0f})"


def run_example(command: str) -> str:
    """Run one command of the README from the root of the project and return what it prints."""
    program, *arguments = shlex.split(command)
    assert program == "extractor"
    finished = subprocess.run(
        [sys.executable, "-m", "extractor", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": _WIDTH, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in finished.stdout.splitlines()).rstrip() + "\n"


if __name__ == "__main__":
    README.write_text(render_readme(README.read_text(encoding="utf-8")), encoding="utf-8")
    SQL.write_text(render_questions(SQL.read_text(encoding="utf-8")), encoding="utf-8")
