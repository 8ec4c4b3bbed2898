"""Text from outside, made fit for a terminal."""

import re

# What a terminal would obey: escape sequences and the like; and what no encoding has.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def show_controls(text: str) -> str:
    """Make visible what a terminal would obey instead of printing it."""
    return _CONTROLS.sub("\ufffd", text)
