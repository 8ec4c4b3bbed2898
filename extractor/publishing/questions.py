"""The questions that come with the project, as SQL for SQLite and PostgreSQL."""

import re
from dataclasses import dataclass

from extractor.resources import data_folder

_HEADER = re.compile(r"-- (?P<title>.+)\n(?P<examples>(?:-- \w+ = .+\n)*)(?P<sql>(?s:.+))")
_EXAMPLE = re.compile(r"-- (\w+) = (.+)\n")


@dataclass(frozen=True, slots=True)
class Question:
    """A question in SQL.

    Attributes:
        title: the question in words.
        sql: with named parameters, as in `:dataset`.
        examples: a value for each parameter.
    """

    name: str
    title: str
    sql: str
    examples: dict[str, str]


def list_questions() -> list[Question]:
    """Read `schemas/questions`, in the order of their names."""
    questions = []
    for path in sorted((data_folder("schemas") / "questions").glob("*.sql")):
        found = _HEADER.fullmatch(path.read_text(encoding="utf-8"))
        if found is not None:
            examples = dict(_EXAMPLE.findall(found["examples"]))
            questions.append(Question(path.stem, found["title"], found["sql"].strip(), examples))
    return questions
