"""HTML pages that hold everything they need: no network, nothing inline but what is hashed."""

from extractor.reporting.describing import describe_abstract, describe_claim
from extractor.reporting.pages import Assets, make_policy, render_page

__all__ = ["Assets", "describe_abstract", "describe_claim", "make_policy", "render_page"]
