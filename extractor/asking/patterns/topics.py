"""What a paper is about: the name of its own method, and its task."""

import re
from collections import Counter
from dataclasses import dataclass

from extractor.asking.patterns.lexicon import METRIC_ONLY, TASK, split_words
from extractor.asking.patterns.names import clean_name, is_proper
from extractor.asking.patterns.sentences import Sentence

_NAME = r"(?:[A-Z][\w.+@*^-]*|\([A-Z]+\)\^\d|[a-z]+[A-Z][\w.+-]*|\w+-[A-Z]\w*|[a-z]+\d\w*)"
NAME = rf"{_NAME}(?:[ ](?:{_NAME}|\d+(?:\.\d+)?[BMK]?))*"
"""A name of one or more words, by its looks."""

_TITLE_NAME = re.compile(
    r"^\s*[`*\"“]*([^:–—]{2,40}?)[`*\"”]*\s*(?::|\s--\s|\s[–—-]\s|, an? (?=[a-z]))"
)
_REPORT = re.compile(r"^(.{2,30}?)\s+(?:Technical Report|Model Card|System Card)$", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"\b(?:[Ww]e|[Tt]his (?:paper|work|study|report|article)|[Hh]ere,? we)\s"
    r"(?:\w+ly\s|then\s|also\s|further\s|thus\s|first\s|here\s|therefore\s|hence\s)*"
    r"(?:introduces?|proposes?d?|presents?|develop(?:s|ed)?|describes?|releases?|designs?|devises?"
    r"|call|name|put forward|offers?|buil[dt]|unveils?|create|report|contribute|suggest|explore"
    r"|study|investigate)\s(?P<phrase>.{3,220})"
)
_CALLED = re.compile(
    r"\b(?:called|named|termed(?: as)?|dubbed(?: as)?|coined|known as|namely|denoted(?: as)?"
    rf"|referred to as|(?:which|that) we (?:call|name|term)|we call)\s[`*\"“]*(?P<name>{NAME})"
)
_ACRONYM = re.compile(rf"\(\s*[`*]*(?P<name>{_NAME})[`*]*\s*\)")
_DASHED = re.compile(rf"\s--\s(?P<name>{NAME}(?: and {NAME})?)")
_APPOSITION = re.compile(rf"[,:] [`*\"“]*(?P<name>{NAME})[`*\"”]*(?:,|\.|$| \()")
_FIRST = re.compile(rf"[`*\"“]*(?:the |a |an )?(?P<name>{NAME})")
_IS_A = re.compile(
    rf"^[`*]*(?P<name>{NAME})[`*]*(?: \([^)]*\))?,? (?:is|are|does|brings|lets|learns|takes|uses"
    r"|an?|the|our|which|built|combines|makes|gives|offers)\b"
)
_OUR = re.compile(
    rf"\b(?:[Oo]ur|[Tt]he|[Tt]his)(?: proposed| new| novel| final| best)? (?P<name>{NAME})"
    r" (?:framework|method|approach|architecture|algorithm|family|series|models?)\b"
)
_SUBJECT = re.compile(
    rf"\b(?P<name>{NAME}) (?:\w+ly |also |further |even |can |not only )?"
    r"(?:achiev|outperform|surpass|improv|reduc|reach|obtain|exceed|match|attain|beat|deliver|yield"
    r"|sets|outdo|scores|rival|require|needs|runs|perform|leads|gets|has|is|comes|cuts|gains)"
)
# A coined name that does something: "BirdNet plans over".
_COINED_SUBJECT = re.compile(
    r"(?:^|[,;] )[`*]*(?P<name>[A-Z][\w.+-]*[A-Z][\w.+-]*|[A-Z][\w.+]*-[\w.+-]+)[`*]*"
    r"(?: \([^)]*\))? (?:then |also |first |instead |directly |simply |\w+ly )*[a-z]+[a-rt-z]e?s\b"
)
_RIVAL_BEFORE = (
    r"(?:than|over|against|outperform\w*|surpass\w*|beat\w*|exceed\w*|to|with|on|in|like|as|of) "
)
_COMMON = split_words("""
    We The This These Our Their In On It Its To And But For With Experiments Results Extensive
    However Moreover Furthermore Additionally Notably Finally Code Models Model Large Language LLM
    LLMs Here As At By From While When Through Using Based They Both All Each Such That There An A
    If Empirical Overall Compared Training Under Evaluation AI NLP GPU GPUs Transformer Transformers
    Data One Two Three Further I II III Specifically Despite Although Recent Recently Existing
    Previous Most Many Some Vision Deep Neural Learning Also Remarkably Importantly Surprisingly
    Evaluated Across Thus Hence Even Against Among Beyond Between First Second Third Lastly Together
    Then Unlike Like Given Because Since Fine-tuning PEFT VLM VLMs MLLM MLLMs SOTA SFT RLHF RL CNN
    CNNs RNN RNNs ViT ViTs GitHub HTTP URL English State-of-the-art Low-Rank Pre-trained Multimodal
    MoE FP8 FP16 BF16 INT4 INT8 AR API LM LMs SLM SLMs Relative Measured Averaged Trained Tested Set
    After Before Not Only Another Other Others Analysis Chinese ML DL IT CPU CPUs US UK QA NVIDIA
    OpenAI Google Meta COVID-19 DNA RNA
""")
_WELL_KNOWN = re.compile(
    r"^(?:GPT|ChatGPT|LLaMA|Llama|LlaMA|Mistral|Mixtral|Qwen|Gemini|Claude|BERT|RoBERTa|T5|PaLM|OPT"
    r"|BLOOM|Gemma|DeepSeek|ViT|ResNet|CLIP|Stable Diffusion|Whisper|Falcon|Vicuna|Alpaca|LoRA|Adam"
    r"|AdamW|DPO|PPO|ImageNet|CIFAR|COCO|MMLU|GSM8K|HumanEval|GLUE|SuperGLUE|SQuAD|WikiText"
    r"|LibriSpeech|Flux|SDXL|DiT|Mamba|PubMed|MATH|Codex|NVIDIA|MT-[Bb]ench|BIG-bench|GPQA|AIME"
    r"|LiveCodeBench|PyTorch|TensorFlow|SFT|U-Net|YOLO|LSTM|GAN|SGD)"
)
_PLURAL = re.compile(r"[A-Z]{2,}s$|.*(?:Models|LLMs|LMs)$")
_ARTICLES = re.compile(
    r"^(?:(?:an?|the|our|new|novel|simple|first|efficient|effective|two|three|several|general"
    r"|yet|powerful|scalable|lightweight|comprehensive|large-scale|unified|practical)\s)+",
    re.IGNORECASE,
)
_PHRASE_END = re.compile(
    r"[,.;:(]| that | which | for | to | with | in | on | by | using | based | and | as | where "
    r"| of how | whose | capable | designed "
)
_CODED = re.compile(r"\b[A-Z][\w-]*[A-Z0-9][\w-]*\b")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a paper is about.

    Attributes:
        method: the name of its own method, or a phrase for it.
    """

    method: str
    task: str | None


def find_topic(title: str, text: str, sentences: list[Sentence]) -> Topic:
    """Find the name of the paper's own method and its task."""
    scores: Counter[str] = Counter()
    title_name = _read_title_name(title, text)
    if title_name:
        scores[title_name] += 5
    for sentence in sentences:
        _score_sentence(sentence.text, scores)
    for name in list(scores):
        scores[name] += _weigh(name, title, text, own=name == title_name)
    best = max(scores, key=lambda name: (scores[name], -text.find(name)), default="")
    if not best or scores[best] < 3:
        best = (
            _describe_method(sentences)
            or _find_frequent(text)
            or (best if scores[best] > 0 else None)
            or _PHRASE_END.split(title)[0].strip()
            or "method"
        )
    return Topic(_shorten(best, text), find_task(title, text))


def _read_title_name(title: str, text: str) -> str | None:
    report = _REPORT.match(title)
    if report:
        return report[1]
    found = _TITLE_NAME.match(title)
    name = clean_name(found[1] if found else title)
    words = name.split()
    if len(words) > (4 if found else 3):
        return None
    coined = any(is_proper(word[1:]) or word[0].isdigit() for word in words)
    if len(words) == 1 and found:
        return name
    return name if name in text or (coined and len(words) == 1) else None


def _score_sentence(text: str, scores: Counter[str]) -> None:
    introduced = _INTRODUCED.search(text)
    if introduced:
        _score_phrase(introduced["phrase"], scores)
    for pattern, points in (
        (_IS_A, 2),
        (_OUR, 3),
        (_CALLED, 3),
        (_SUBJECT, 1),
        (_COINED_SUBJECT, 2),
    ):
        for match in pattern.finditer(text):
            _add(scores, match["name"], points)


def _score_phrase(phrase: str, scores: Counter[str]) -> None:
    """Score the names in what is introduced: the first, a called one, an acronym."""
    called = _CALLED.search(phrase)
    acronym = _ACRONYM.search(phrase, 0, 120)
    found = [
        (called, 5),
        (acronym, 4),
        (_FIRST.match(phrase), 4),
        (_DASHED.search(phrase), 4),
        (None if called else _APPOSITION.search(phrase), 3),
    ]
    for match, points in found:
        if match:
            _add(scores, match["name"], points)


def _add(scores: Counter[str], name: str, points: int) -> None:
    words = clean_name(name).split()
    while words and words[0] in _COMMON:
        words.pop(0)
    name = " ".join(words)
    if len(name) > 1 and not METRIC_ONLY.fullmatch(name):
        scores[name] += points


def _weigh(name: str, title: str, text: str, *, own: bool) -> int:
    """Weigh a candidate by where else it stands, and by what it looks like."""
    quoted = re.escape(name)
    points = min(4, text.count(name)) + (2 if name in title else 0)
    points -= min(4, len(re.findall(rf"\b{_RIVAL_BEFORE}{quoted}\b", text)))
    if (
        not own
        and not any(map(str.isupper, name[1:]))
        and not re.search(rf"[a-z,(] {quoted}\b", text)
    ):
        points -= 6  # a capital that only begins a sentence makes no name
    if _WELL_KNOWN.match(name) and not own:
        points -= 6
    return points - (4 if _PLURAL.match(name) and not own else 0)


def _shorten(name: str, text: str) -> str:
    """Take the acronym that the text gives in brackets behind a long name."""
    if len(name) < 9 or not {" ", "-"} & set(name):
        return name
    found = re.search(
        re.escape(name) + rf"[`*\"”']*,? \(\s*(?P<name>{_NAME})\s*\)", text, re.IGNORECASE
    )
    return found["name"] if found and text.count(found["name"]) > 1 else name


def _describe_method(sentences: list[Sentence]) -> str | None:
    """Take what is introduced by a plain noun phrase: "a new way of ..."."""
    for sentence in sentences:
        introduced = _INTRODUCED.search(sentence.text)
        if introduced:
            phrase = _ARTICLES.sub("", clean_name(_PHRASE_END.split(introduced["phrase"])[0]))
            if 1 < len(phrase.split()) <= 7:
                return phrase
    return None


def _find_frequent(text: str) -> str | None:
    """Take the name that the text repeats most, where nothing is introduced."""
    counts = Counter(name for name in _CODED.findall(text) if name not in _COMMON)
    repeated = [name for name, count in counts.items() if count > 2 and not _WELL_KNOWN.match(name)]
    return max(repeated, key=lambda name: (counts[name], -text.find(name)), default=None)


def is_common(word: str) -> bool:
    """Tell whether a capitalised word is no name of its own."""
    return word in _COMMON


_TITLE_TASK = re.compile(
    r"\b(?:for|in)\s(?:the\s|an?\s)?(?P<task>(?:(?!with|via|using|by|from|of|without)[\w-]+\s){0,4}"
    r"[\w-]+)(?=$|\s(?:with|via|using|by|without|through)\b)"
)
# What a task of any field ends in, and what no task begins with.
_HEADED_TASK = re.compile(
    r"\b(?:(?!(?:the|a|an|and|or|of|in|on|for|to|by|with|via|is|are|our|we|their|its|this|that"
    r"|from|as|at|than|both|large|fast|faster|efficient|better|improved|new|novel|automatic|robust"
    r"|using|into|over|more|accurate|scalable|effective|unified|towards?|beyond|can|correct)\b)"
    r"[a-z][a-z0-9/-]*\s){1,3}?"
    r"(?:prediction|detection|classification|segmentation|recognition|estimation|reconstruction"
    r"|forecasting|generation|synthesis|retrieval|summari[sz]ation|translation|annotation"
    r"|captioning"
    r"|tracking|navigation|manipulation|answering|planning|grounding|editing|compression|screening"
    r"|diagnosis|triage|localisation|localization|completion|matching|identification|verification"
    r"|adaptation|modell?ing|understanding|repair|testing|design|search|recommendation|moderation"
    r"|enhancement|separation|simulation|control|proving|solving|merging|serving|unlearning"
    r"|watermarking|learning|inference|decoding|training|evaluation|alignment)\b"
)
_WEAK_TASKS = split_words("""
    pretraining fine-tuning reasoning pruning planning alignment quantization
    parsing dialogue denoising ocr
""")


def find_task(title: str, text: str) -> str | None:
    """Find the task: by its usual name or its head in the title, behind "for", or in the text."""
    lowered = title.lower()
    named = _TITLE_TASK.search(title)
    usual = max((match[0] for match in TASK.finditer(lowered)), key=len, default=None)
    headed = _HEADED_TASK.search(lowered)
    if headed and (usual is None or usual in headed[0]):
        return headed[0]
    return usual or (named["task"].lower() if named else None) or _find_in_text(text.lower())


def _find_in_text(text: str) -> str | None:
    counts = Counter(match[0] for match in TASK.finditer(text))
    if not counts.keys() - _WEAK_TASKS:
        counts.update(match[0] for match in _HEADED_TASK.finditer(text))
    for weak in _WEAK_TASKS:
        counts.pop(weak, None)
    return max(counts, key=lambda name: (counts[name], -text.find(name)), default=None)
