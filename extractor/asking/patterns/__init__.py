"""The built-in extractor: rules instead of a model, for use offline and as a floor."""

from extractor.asking.patterns.assembling import extract_claims

__all__ = ["extract_claims"]
