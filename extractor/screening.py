"""Tells abstracts without results beforehand, so that nobody is paid to find none."""

import logging

from extractor.asking import Request
from extractor.asking.offline import PatternsAsker
from extractor.asking.patterns import extract_claims
from extractor.documents import Abstract, hash_text

_log = logging.getLogger(__name__)


def leaves_out(abstract: Abstract) -> bool:
    """Tell whether the offline rules see no figure and no comparison in an abstract."""
    try:
        return not extract_claims(abstract).claims
    except Exception as error:  # noqa: BLE001
        # A fault of our rules on one strange abstract must not cost the run; a model may read it.
        _log.warning("abstract %s is not screened: %s", abstract.id, type(error).__name__)
        return False


def mark_screened(abstract: Abstract, extraction_id: str) -> str:
    """Derive the identifier of a screened extraction from that of an asked one.

    It depends on the rules, and differs from the asked one, so that a run without the screen
    asks what was screened, and nothing else.
    """
    rules = PatternsAsker().key(Request(abstract))
    return hash_text(f"{extraction_id}\nscreened\n{rules}")[:16]
