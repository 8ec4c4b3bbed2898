"""Keeps RESULTS.md: a section for each benchmark, renewed one at a time."""

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_RESULTS = Path(__file__).parent / "RESULTS.md"
_SECTION = re.compile(r"<!-- (?P<name>\w+) -->\n.*?<!-- end -->\n", re.DOTALL)
_SHOWN = ("claim-extractor", "openai", "instructor", "aiohttp", "pydantic", "sqlalchemy")


@dataclass
class Table:
    """A table under construction."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[list[str]] = field(default_factory=list)

    def to_markdown(self) -> str:
        """The section: heading, note, when it was measured, the table."""
        head = [list(self.columns), ["---"] * len(self.columns)]
        lines = ["| " + " | ".join(row) + " |" for row in [*head, *self.rows]]
        measured = f"Measured {datetime.now(UTC).date()}, {_describe_load()}."
        return "\n".join([f"## {self.title}", "", f"{self.note} {measured}", "", *lines, ""])


def write_section(name: str, table: Table, order: list[str]) -> None:
    """Put a section into RESULTS.md in place of its earlier self."""
    text = _RESULTS.read_text(encoding="utf-8") if _RESULTS.exists() else ""
    sections = {match["name"]: match[0] for match in _SECTION.finditer(text)}
    sections[name] = f"<!-- {name} -->\n{table.to_markdown()}<!-- end -->\n"
    written = [sections[each] for each in order if each in sections]
    _RESULTS.write_text("\n".join([_describe_machine(), *written]), encoding="utf-8")


def _describe_machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _SHOWN)
    return (
        "# Results\n\n"
        "Written by `make bench`. Fake servers run in processes of their own on the same machine; "
        "absolute figures move with it, ratios within a table hold better.\n\n"
        f"Machine: {os.cpu_count()} cores, {_processor()}, {platform.system()}, "
        f"Python {platform.python_version()}; {versions}.\n"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")


def _describe_load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} at its end"
