"""Steers a run: how much is asked at once, what is asked only once, and what it may cost."""

from extractor.steering.budget import Budget, BudgetedAsker, Spending, require_price
from extractor.steering.sharing import SharingAsker
from extractor.steering.throttle import Throttle
from extractor.steering.throttled import ThrottledAsker

__all__ = [
    "Budget",
    "BudgetedAsker",
    "SharingAsker",
    "Spending",
    "Throttle",
    "ThrottledAsker",
    "require_price",
]
