"""Knows of which metrics more is better, and of which less."""

from typing import Final, Literal

from extractor.evaluation.names import split_name
from extractor.quantities import normalise_unit

Direction = Literal["higher", "lower"]


def _tokens(words: str) -> frozenset[str]:
    tokens = (token for word in words.split() for token in split_name(word))
    return frozenset(token for token in tokens if token.isalpha())


_LOWER: Final = _tokens("""
    error loss losses perplexity ppl latency time runtime delay duration memory footprint
    consumption usage cost price expense money energy power flop gflop tflop mac parameter param
    fid kid fvd fad lpips wer cer eer mse rmse mae mape nll bpb bpc distance deviation variance
    overhead hallucination toxicity bias regret gap drop degradation forgetting mortality risk
    carbon emission failure violation collision jitter ece brier vram ram storage uncertainty
    vulnerability leakage noise mistake rejection hour day
""")
_HIGHER: Final = _tokens("""
    accuracy acc f1 precision recall auc auroc auprc map iou miou dice bleu rouge meteor cider
    spice chrf comet bertscore psnr ssim match pass win success sensitivity specificity throughput
    speed speedup efficiency fps quality reduction saving improvement gain compression correlation
    pearson spearman kappa mcc ndcg mrr em hit reward return agreement coverage elo fidelity
    utilization robustness similarity completeness correctness likelihood bandwidth satisfaction
    retention consistency performance
""")
# These only carry the word before them: a "toxicity score" is as good as it is low.
_CARRIERS_OF_GOOD: Final = _tokens("score rating")
_PREPOSITIONS: Final = _tokens("of for on in to at per under with by from across")
_LOWER_UNITS: Final = frozenset(
    {
        *("ns", "µs", "ms", "s", "minutes", "hours", "days", "weeks", "months", "years"),
        *(
            "GPU-hours",
            "GPU-days",
            "TPU-hours",
            "bytes",
            "KB",
            "MB",
            "GB",
            "TB",
            "KiB",
            "MiB",
            "GiB",
        ),
        *("FLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs", "EFLOPs", "MACs", "GMACs"),
        *("W", "mW", "kW", "J", "mJ", "kJ", "kWh", "USD", "EUR", "parameters", "bpp"),
        *("mm", "cm", "m", "km"),
    }
)
_HIGHER_UNITS: Final = frozenset(["FPS", "tokens/s", "images/s", "samples/s", "dB"])


def find_direction(metric: str | None, unit: str | None = None) -> Direction | None:
    """Tell whether higher or lower values of a metric are better.

    The last telling word of the metric's own noun decides ("error reduction" wants to be high),
    then the unit.

    Args:
        metric: as printed; None where none is named.
        unit: of its values, in any spelling.

    Returns:
        None if neither tells.
    """
    return _read_metric(metric or "") or _read_unit(unit)


def _read_metric(metric: str) -> Direction | None:
    tokens = split_name(metric)
    own = next((place for place, token in enumerate(tokens) if token in _PREPOSITIONS), None)
    for part in (tokens[:own], tokens):
        for token in reversed(part):
            if token in _LOWER:
                return "lower"
            if token in _HIGHER:
                return "higher"
    return "higher" if _CARRIERS_OF_GOOD.intersection(tokens) else None


def _read_unit(unit: str | None) -> Direction | None:
    short = normalise_unit(unit)
    if short in _LOWER_UNITS:
        return "lower"
    return "higher" if short in _HIGHER_UNITS else None
