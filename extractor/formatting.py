"""Fields of a claim as text for people, and text from outside made fit to be shown."""

import re
from collections.abc import Mapping
from typing import Any

# What a terminal or a browser would obey: escape sequences, changes of writing direction; and
# what no encoding has.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SIGNS = {"about": "~", "at_least": "≥", "at_most": "≤", "up_to": "up to "}
_ARROWS = {"increase": "↑", "decrease": "↓"}


def show_controls(text: str) -> str:
    """Make visible what would be obeyed instead of printed; every character keeps its place."""
    return _CONTROLS.sub("\ufffd", text)


def render_quantity(quantity: Mapping[str, Any] | None) -> str:
    """Write a quantity as it might stand in a text: `≥ 2.5x ↑`."""
    if quantity is None:
        return ""
    number = f"{quantity['number']:.12g}"
    high = "" if quantity["high"] is None else f"-{quantity['high']:.12g}"
    unit = quantity["unit"] or ""
    space = "" if unit in ("", "%", "x") else " "
    sign = _SIGNS.get(quantity["qualifier"], "")
    arrow = _ARROWS.get(quantity.get("direction", ""), "")
    return f"{sign}{number}{high}{space}{unit} {arrow}".rstrip()


def render_field(value: Any) -> str:
    """Write a claim's field: a name, a list of names, a quantity, or nothing."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return render_quantity(value)
    return ", ".join(value) if isinstance(value, list) else str(value)
