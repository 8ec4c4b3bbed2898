"""Questions that people ask a store of claims."""

from extractor.queries.counts import StoreCounts, count_store
from extractor.queries.directions import Direction
from extractor.queries.leaderboard import Board, Leaderboard, rank_methods
from extractor.queries.rivals import Comparison, Contradiction, Rivalry, compare_methods

__all__ = [
    "Board",
    "Comparison",
    "Contradiction",
    "Direction",
    "Leaderboard",
    "Rivalry",
    "StoreCounts",
    "compare_methods",
    "count_store",
    "rank_methods",
]
