"""The published contract: the JSON Schema of an answer."""

import hashlib
import json
from functools import cache
from typing import Any

from extractor.claims import Extraction


def build_schema() -> dict[str, Any]:
    """Build the JSON Schema that a model's answer has to fit."""
    return Extraction.model_json_schema()


def render_schema() -> str:
    """Write the JSON Schema as it stands in `schemas/extraction.schema.json`."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


@cache
def hash_schema() -> str:
    """Twelve hexadecimal digits of the sha256 of the JSON Schema."""
    canonical = json.dumps(build_schema(), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
