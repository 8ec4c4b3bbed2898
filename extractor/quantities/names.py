"""Telling digits that belong to a name from digits that measure something."""

import re


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


_METRICS = _split("""
    FID KID FVD BLEU SacreBLEU ROUGE METEOR CIDEr SPICE COMET AUC AUROC AUPRC PSNR SSIM LPIPS AP
    mAP IoU mIoU PPL WER CER MSE MAE RMSE MAPE NDCG MRR EM PESQ STOI MOS Elo Dice SUC ACC Accuracy
    Recall Precision Spearman Pearson MCC CRPS F-score R
""")
_FUNCTION_WORDS = _split("""
    over about with at in on from of by to up only than and or the all across using for under after
    within nearly roughly approximately around almost is are was were has have these those our we
    its their this that as while more less just some between both against above below per score
    scores achieves reaches obtains when where here there it they if then given among until since
    through during into additionally notably overall finally moreover specifically remarkably
""")
# Words whose number is a label: "Section 3", "Phase 2".
_LABELLED = _split("""
    section table figure fig fig. eq eq. equation chapter appendix step stage phase type version
    tier track task grade category part note footnote theorem lemma proposition scenario experiment
    no. layer epoch seed group class day setting
""")
# Names whose number is a year or a product: "AIME 24", "WMT 14", "RTX 4090".
_NUMBERED = _split("""
    AIME HMMT WMT IWSLT VOC NIST SemEval CoNLL TREC DAVIS IMO COCO IOI CMIMC NVIDIA RTX GTX Nvidia
""")
_YEAR = re.compile(r"(?:19[5-9]|20[0-4])\d$")
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|until|year|early|late|of|through|during|before|after)|[A-Z]\w*)[ ]$"
)
# Repeats are bounded throughout, so that reading takes time in proportion to the text.
_COUNTED_BEHIND = re.compile(
    r"[ -](?:[a-z-]{1,40}[ ]){0,2}?[a-z-]{1,40}s\b|\s?\\?%|\s?[x×]|[ ]?(?:ms|GB|MB)\b"
)
_ENUMERATOR = re.compile(r"\d{1,2}\)")
_ENUMERATOR_BEFORE = re.compile(r"(?:^|[.;:,][ ]|\band[ ]|[ ]\(|^\()$")
_HEADING = re.compile(r"\d{1,2}\.[ ][A-Z]")
_CITATION = re.compile(r"\d{1,3}(?:[,-]\s?\d{1,3}){0,15}\]")
_VERSION_LIKE = re.compile(r"(?:[1-9](?:\.\d)?|10)$")
_DECIMAL = re.compile(r"\d+\.\d")
_WORD_SO_FAR = re.compile(r"[A-Za-z][\w.]*(?:[-–/:][\w.]+)*[-–/:]$")
# What a colon or a slash parts from a metric, or from digits that only a score can have.
_SCORED_BEFORE = re.compile(r"(?<![\w./:-])(?P<metric>[A-Za-z][\w@-]*)[:/]$")
_SCORE_LIKE = re.compile(r"\d{1,3}(?:\.\d{1,4}(?![\d.])|\s?\\?%)")
_IDENTIFIED = _split("arxiv doi isbn issn pmid http https id version")
_LATEX_LEFTOVER = re.compile(r"(?:^|[^A-Za-z])\\?(?:sim|approx|geq?|leq?|times|pm)$")
_SIZE_BEHIND = re.compile(r"\s?[KMBT](?![A-Za-z0-9])|[ -][mbtr]illion\b")
_MEASURED_BEHIND = re.compile(r"\s?\\?%|\s?(?:[x×]|times|points?|percent|GB|ms)\b|-?fold")
_LAST_WORD = re.compile(r"([^\s(]+)[ ]$")
_SENTENCE_START = re.compile(r"(?:^|[.!?:][ ])[^\s(]+[ ]$")


def is_label(text: str, start: int, end: int) -> bool:
    """Tell whether the digits at `[start, end)` name, number or date something."""
    return (
        _is_attached(text, start)
        or _is_enumerator(text, start, end)
        or _is_year(text, start, end)
        or _follows_label_word(text, start, end)
    )


def _is_attached(text: str, start: int) -> bool:
    """Whether the digits continue a word: "GPT-4", "F1", "A100", "pass@1", "x^2"."""
    padded = f"  {text[max(0, start - 2) : start]}"
    two_before, before = padded[-2], padded[-1]
    if before.isalpha() or before in "_@#":
        return not _LATEX_LEFTOVER.search(text, max(0, start - 8), start)
    if before in "'’":
        return two_before.isalpha()
    if before in "-–/:":
        return two_before == "}" or (
            _WORD_SO_FAR.search(text, _begin_word(text, start, start), start) is not None
            and not _is_score(text, start)
        )
    if before == "^" or (before == "{" and two_before in "^_"):
        return not _DECIMAL.match(text, start)
    return False


def _begin_word(text: str, start: int, end: int) -> int:
    """Find where the word before a number begins, or how far back words are looked at.

    A search from there need not try every letter of the words before.
    """
    reach = max(0, start - 30)
    return max(reach, text.rfind(" ", reach, end) + 1)


def _is_score(text: str, start: int) -> bool:
    """Whether a colon or slash parts a metric or data set from its score: "BLEU:28.4"."""
    found = _SCORED_BEFORE.search(text, _begin_word(text, start, start), start)
    if found is None or found["metric"].lower() in _IDENTIFIED | _LABELLED:
        return False
    is_metric = found["metric"] in _METRICS or found["metric"].islower()
    scored = _SCORE_LIKE.match(text, start)
    if text[start - 1] == "/":
        return scored is not None and (is_metric or scored[0].endswith("%"))
    return scored is not None or found["metric"] in _METRICS


def _is_enumerator(text: str, start: int, end: int) -> bool:
    if end - start > 3 or "." in text[start:end]:
        return False
    before = text[max(0, start - 5) : start]
    if _ENUMERATOR.match(text, start) and _ENUMERATOR_BEFORE.search(before):
        return True
    if _HEADING.match(text, start) and re.search(r"(?:^|[.;:][ ])$", before):
        return True
    return before.endswith(("[", ", ", ",")) and bool(_CITATION.match(text, start))


def _is_year(text: str, start: int, end: int) -> bool:
    return (
        end - start == 4
        and _YEAR.match(text[start:end]) is not None
        and not _COUNTED_BEHIND.match(text, end)
        and (
            text[max(0, start - 1) : start] in {"(", "'", "’"}
            or _YEAR_BEFORE.search(text, max(0, start - 20), start) is not None
        )
    )


def _follows_label_word(text: str, start: int, end: int) -> bool:
    """Whether a blank parts the digits from the name they belong to: "Llama 2", "Section 3"."""
    found = _LAST_WORD.search(text, _begin_word(text, start, max(0, start - 2)), start)
    if not found or _SIZE_BEHIND.match(text, end):
        return False
    word = found[1]
    if word.lower() in _LABELLED:
        return not _COUNTED_BEHIND.match(text, end)
    if word in _NUMBERED:
        return text[start:end].isdigit()
    if not _VERSION_LIKE.match(text[start:end]) or not is_name(word):
        return False
    if word.istitle() and _SENTENCE_START.search(text, max(0, start - 60), start):
        return not _COUNTED_BEHIND.match(text, end) and not word.endswith(("ing", "ed", "ly"))
    return not _MEASURED_BEHIND.match(text, end)


def is_name(word: str) -> bool:
    """Tell whether a word looks like the name of a system or data set, by its letters alone."""
    return (
        word[-1] not in ".,;:"
        and word not in _METRICS
        and any(letter.isupper() for letter in word)
        and word.lower() not in _FUNCTION_WORDS
    )
