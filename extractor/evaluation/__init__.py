"""Scores extracted claims against labelled ones, says why points were lost, compares systems."""

from extractor.evaluation.agreement import (
    Agreement,
    Alpha,
    krippendorff_alpha,
    measure_agreement,
)
from extractor.evaluation.aliases import Aliases, NameRegistry, default_registry, read_registry
from extractor.evaluation.causes import Cause, Loss
from extractor.evaluation.checking import GoldProblem, check_document, check_gold_file
from extractor.evaluation.comparison import CardComparison, ClaimPlace, compare_cards
from extractor.evaluation.gold import (
    GoldClaim,
    GoldDocument,
    Labelling,
    fingerprint_gold,
    load_gold,
    save_gold,
)
from extractor.evaluation.hydration import Hydration, Unjoined, hydrate_gold
from extractor.evaluation.judging import Judgement, Pair, judge_abstract
from extractor.evaluation.labelstudio import (
    export_tasks,
    import_annotations,
    make_labelling_config,
    make_task,
)
from extractor.evaluation.matching import ClaimMatcher
from extractor.evaluation.measures import MEASURES, Measure
from extractor.evaluation.predictions import (
    PredictedClaim,
    PredictedDocument,
    Prediction,
    align_predictions,
    load_predictions,
)
from extractor.evaluation.rules import DEFAULT_RULES, SCORER_VERSION, ScoringRules
from extractor.evaluation.scorecards import (
    GoldProvenance,
    ScoreCard,
    SystemProvenance,
    find_shortfalls,
    load_score_card,
    make_score_card,
    resolve_measure,
)
from extractor.evaluation.scoring import Report, score
from extractor.evaluation.statistics import (
    Difference,
    Estimate,
    Spread,
    compare_figures,
    estimate_figures,
    measure_spread,
)

__all__ = [
    "DEFAULT_RULES",
    "MEASURES",
    "SCORER_VERSION",
    "Agreement",
    "Aliases",
    "Alpha",
    "CardComparison",
    "Cause",
    "ClaimMatcher",
    "ClaimPlace",
    "Difference",
    "Estimate",
    "GoldClaim",
    "GoldDocument",
    "GoldProblem",
    "GoldProvenance",
    "Hydration",
    "Judgement",
    "Labelling",
    "Loss",
    "Measure",
    "NameRegistry",
    "Pair",
    "PredictedClaim",
    "PredictedDocument",
    "Prediction",
    "Report",
    "ScoreCard",
    "ScoringRules",
    "Spread",
    "SystemProvenance",
    "Unjoined",
    "align_predictions",
    "check_document",
    "check_gold_file",
    "compare_cards",
    "compare_figures",
    "default_registry",
    "estimate_figures",
    "export_tasks",
    "find_shortfalls",
    "fingerprint_gold",
    "hydrate_gold",
    "import_annotations",
    "judge_abstract",
    "krippendorff_alpha",
    "load_gold",
    "load_predictions",
    "load_score_card",
    "make_labelling_config",
    "make_score_card",
    "make_task",
    "measure_agreement",
    "measure_spread",
    "read_registry",
    "resolve_measure",
    "save_gold",
    "score",
]
