"""Turn scientific abstracts into structured, checked, database-ready claims.

import extractor

result = extractor.extract("We present ...", model="patterns")
for claim in result.claims:
    print(claim.method, claim.metric, claim.value)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extractor.api import aextract, aextract_many, extract, extract_many, extract_shard
    from extractor.claims import Claim, Delta, Extraction, Quantity
    from extractor.documents import Abstract
    from extractor.errors import ExtractorError
    from extractor.readers import read_abstracts
    from extractor.results import CheckedClaim, Result
    from extractor.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Abstract",
    "CheckedClaim",
    "Claim",
    "Delta",
    "Extraction",
    "ExtractorError",
    "Quantity",
    "Result",
    "Settings",
    "aextract",
    "aextract_many",
    "extract",
    "extract_many",
    "extract_shard",
    "read_abstracts",
]

# Imported on first use: `extractor --help` must not wait for clients and databases.
_HOMES = {
    "Abstract": "documents",
    "CheckedClaim": "results",
    "Claim": "claims",
    "Delta": "claims",
    "Extraction": "claims",
    "ExtractorError": "errors",
    "Quantity": "claims",
    "Result": "results",
    "Settings": "settings",
    "aextract": "api",
    "aextract_many": "api",
    "extract": "api",
    "extract_many": "api",
    "extract_shard": "api",
    "read_abstracts": "readers",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'extractor' has no attribute '{name}'")
    return getattr(import_module(f"extractor.{_HOMES[name]}"), name)
