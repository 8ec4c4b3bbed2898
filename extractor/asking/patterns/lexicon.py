"""The words that the rules go by: metrics, comparisons, changes, tasks."""

import re


def _alternatives(words: str) -> str:
    """Make a pattern of a list of words, parted by "|" or line ends, longest first."""
    listed = {word.strip() for word in re.split(r"\|(?![^(]*\))|\n", words) if word.strip()}
    return "|".join(sorted(listed, key=len, reverse=True))


_METRIC_NAMES = _alternatives(r"""
    accurac(?:y|ies)|precision|recall(?:@\d+)?|F1(?:[ -]scores?)?|F-scores?|F-measure|AUC|AUROC
    AUPRC
    ROC[ -]AUC|BLEU(?:-\d)?|SacreBLEU|ROUGE(?:-[12L])?|METEOR|CIDEr|SPICE|COMET|chrF|box AP|mask AP
    mAP|AP|mIoU|IoU|PSNR|SSIM|LPIPS|FID|KID|FVD|Inception [Ss]core|perplexit(?:y|ies)|PPL|WER|CER
    EER
    word error rates?|character error rates?|equal error rate|error rates?|errors?|losses|loss
    validation loss|training loss|test loss|MSE|MAE|RMSE|MAPE|mean squared error|mean absolute error
    win[ -]rates?|success rates?|pass rates?|pass@\d+|Pass@\d+|exact match|EM|NDCG(?:@\d+)?|MRR|MAP
    Hits?@\d+|Recall@\d+|correlations?|Spearman(?:'s)?(?: correlation| coefficient| rho)?
    Pearson(?:'s)?(?: correlation| coefficient)?|Dice(?: scores?| coefficient)?|sensitivity
    specificity|throughput|latenc(?:y|ies)|speed|run ?times?|training time|inference time
    wall-clock time
    decoding time|memory(?: usage| footprint| consumption| cost| overhead| requirements?)?
    FLOPs|GFLOPs|compute|computation(?:al)?(?: costs?| overhead| complexity)?|parameters|params
    parameter count|model sizes?|energy(?: consumption| usage| efficiency)?|power consumption|costs?
    storage(?: costs?)?|bandwidth|compression ratio|compression rate|efficiency|utilization
    robustness|generalization|generalisation|generali[sz]ability|throughputs|efficiencies|MAPEs
    stability|scalability|convergence
    convergence speed|hallucinations?|hallucination rate|toxicity|fairness|diversity|quality
    fidelity|factuality|consistency|calibration|calibration error|coverage|coherence|fluency
    faithfulness|alignment|interpretability|explainability|flexibility|reliability|safety
    Elo(?: rating)?|scores?|ratings?|rewards?|returns?|survival|mortality|detection rate
    resolution|signal-to-noise ratio|yield|selectivity|conductivity|overhead|time|SUC
""")
_METRIC_MODIFIERS = _alternatives(r"""
    top-\d+|Top-\d+|average|mean|median|zero-shot|few-shot|one-shot|\d-shot|validation|test|testing
    training|inference|decoding|end-to-end|peak|GPU|overall|classification|segmentation|detection
    translation|prediction|generation|image|text|video|speech|audio|sample|data|parameter|memory
    computational|compute|communication|word|token|downstream|pretraining|pre-training|fine-tuning
    macro|micro|weighted|macro-averaged|balanced|exact|answer|reasoning|task|domain|box|mask|human
    activation|optimizer|output|model|energy|time|storage|carbon|retrieval|calibration
    out-of-distribution|OOD|adversarial|robust|log-likelihood|cross-entropy|latent|visual
    trainable|tunable|learnable|activated|active|total|additional|tuned|extra|adjustable|system
    query|search|wall-clock|serving|prefill|generative|perceptual|instruction|language|clinical
""")

METRIC = re.compile(
    rf"\b(?:(?:{_METRIC_MODIFIERS})[ -])*(?:[A-Z][\w-]+[ ](?=(?:score|accuracy|loss)\b))?"
    rf"(?:{_METRIC_NAMES})\b"
)
"""A metric with the words that specify it."""

METRIC_ONLY = re.compile(
    rf"(?:(?:{_METRIC_MODIFIERS})[ -])*(?:{_METRIC_NAMES})(?:[ ](?:scores?|rates?))?"
)

LOWER_IS_BETTER = re.compile(
    r"\b(?:errors?|loss(?:es)?|perplexit|PPL|latenc|time|memory|costs?|parameters?|params|FLOPs?"
    r"|GFLOPs|compute|computations?|computational|size|FID|KID|FVD|WER|CER|EER|MSE|MAE|RMSE"
    r"|energy|power"
    r"|consumption|footprint|overhead|hallucinations?|toxicity|bias|budget|steps|epochs|data\b"
    r"|samples|examples|storage|bandwidth|runtime|complexity|gap|mortality|risk|forgetting"
    r"|degradation|interference|depth|carbon|emissions?|LPIPS|distance|tokens|usage|GPUs?|layers"
    r"|hours|days|labels|annotations|iterations|calls|heads|variance|uncertainty|vulnerabilit"
    r"|communication|dependency|drop|delay|rate of errors|VRAM|RAM|bits|weights|experts"
    r"|requirements?|resources|sensitivity to|proneness|price|money|effort|noise)",
    re.IGNORECASE,
)
_HIGHER_ALL_THE_SAME = re.compile(
    r"\b(?:efficien|accuracy|quality|throughput|savings?|compression|speed|reduction|batch size)",
    re.IGNORECASE,
)


def is_lower_better(metric: str | None) -> bool:
    """Tell whether less of a metric is good: memory, error, latency."""
    return bool(
        metric and LOWER_IS_BETTER.search(metric) and not _HIGHER_ALL_THE_SAME.search(metric)
    )


_UP_VERBS = (
    r"improv(?:e|es|ed|ing)|boost(?:s|ed|ing)?|increas(?:e|es|ed|ing)|enhanc(?:e|es|ed|ing)"
    r"|rais(?:e|es|ed|ing)|elevat(?:e|es|ed|ing)|gain(?:s|ed|ing)?|ris(?:e|es|ing)|rose|grow(?:s"
    r"|ing)?"
    r"|grew|accelerat(?:e|es|ed|ing)|speed(?:s|ing)?[ -]?up|sped up|amplif(?:y|ies|ied|ying)"
    r"|go(?:es|ing)? up|went up|push(?:es|ed|ing)?|lift(?:s|ed|ing)?|climb(?:s|ed|ing)?"
    r"|expand(?:s|ed|ing)?|extend(?:s|ed|ing)?"
)
_DOWN_VERBS = (
    r"reduc(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|lower(?:s|ed|ing)?|cut(?:s|ting)?"
    r"|shr[iu]nk(?:s|ing)?"
    r"|shrank|sav(?:e|es|ed|ing)|drop(?:s|ped|ping)?|fall(?:s|ing)?|fell|declin(?:e|es|ed|ing)"
    r"|slash(?:es|ed|ing)?|minimi[sz](?:e|es|ed|ing)|curtail(?:s|ed|ing)?|diminish(?:es|ed|ing)?"
    r"|mitigat(?:e|es|ed|ing)|alleviat(?:e|es|ed|ing)|compress(?:es|ed|ing)?|prun(?:e|es|ed|ing)"
    r"|go(?:es|ing)? down|went down|com(?:e|es) down|bring(?:s|ing)? down|brought down|trim(?:s"
    r"|med|ming)?"
    r"|discard(?:s|ed|ing)?|remov(?:e|es|ed|ing)|halv(?:e|es|ed|ing)"
)
_BEAT_VERBS = (
    r"outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|exceed(?:s|ed|ing)?|beat(?:s|en|ing)?"
    r"|outd(?:o|oes|id|one|oing)"
    r"|outstrip(?:s|ped|ping)?|outclass(?:es|ed|ing)?|overtak(?:e|es|en|ing)|overtook|outpac(?:e"
    r"|es|ed|ing)"
    r"|outscor(?:e|es|ed|ing)|lead(?:s|ing)?(?=[ ]the[ ]|[ ][A-Z])|out-perform(?:s|ed|ing)?"
    r"|top(?:s|ped|ping)(?=[ ])"
    r"|improv(?:e|es|ed|ing)[ ](?:up)?on|improv(?:e|es|ed|ing)[ ]over|dominat(?:e|es|ed|ing)"
)
_LOSE_VERBS = (
    r"underperform(?:s|ed|ing)?|lag(?:s|ged|ging)?[ ](?:far[ ])?behind|trail(?:s|ed|ing)?"
    r"|fall(?:s|ing)?[ ](?:far[ ]|well[ ])?(?:short[ ]of|behind)|fell[ ](?:short[ ]of|behind)"
)

CHANGE_VERB = re.compile(
    rf"\b(?:(?P<beat>{_BEAT_VERBS})|(?P<lose>{_LOSE_VERBS})|(?P<up>{_UP_VERBS})"
    rf"|(?P<down>{_DOWN_VERBS}))\b",
    re.IGNORECASE,
)
"""A verb that says which way something goes; the name of the group tells which."""

CHANGE_NOUN = re.compile(
    r"\b(?:(?P<speed>speed-?[ ]?ups?|accelerations?(?:[ ]ratios?)?)"
    r"|(?P<up>improvements?|gains?|increases?|boosts?|uplifts?|enhancements?|rises?|advantages?"
    r"|jumps?|leaps?"
    r"|growth|margin|lead)"
    r"|(?P<down>reductions?|decreases?|drops?|savings?|declines?|cuts?|degradations?"
    r"|compressions?|loss"
    r"|decrement|pruning))\b"
)
"""A noun that says which way something goes; the name of the group tells which."""

COMPARATIVE = re.compile(
    r"\b(?:(?P<speed>faster|quicker|slower)|(?P<size>smaller|larger|bigger)|(?P<cost>cheaper)"
    r"|(?P<up>more|higher|greater|better|longer|stronger|wider|deeper|increased|improved|enhanced)"
    r"|(?P<down>fewer|less|lower|shorter|worse|lighter|reduced|decreased))\b"
)
"""A comparative that may follow "3x" or "40%"."""

DECREASING = frozenset(
    ["slower", "smaller", "fewer", "less", "lower", "shorter", "worse", "lighter", "cheaper"]
) | {"reduced", "decreased"}

TASK = re.compile(
    r"\b(?:(?:zero-shot|few-shot|open-domain|multilingual|multimodal|medical|neural|visual"
    r"|large language model"
    r"|llm|language model|biomedical|mathematical|scientific|automatic|parameter-efficient"
    r"|long-context|cross-lingual|unsupervised|self-supervised|semi-supervised)[ ])?(?:"
    + _alternatives(r"""
    image classification|text classification|sentiment analysis|sentiment classification
    machine translation
    speech recognition|automatic speech recognition|question answering|visual question answering
    object detection|semantic segmentation|instance segmentation|image segmentation|image generation
    text-to-image generation|text-to-image synthesis|text-to-video generation|video generation
    image captioning|image retrieval|information retrieval|dense retrieval|text generation
    code generation
    code completion|program synthesis|program repair|summari[sz]ation|text summari[sz]ation|dialogue
    named entity recognition|relation extraction|information extraction|event extraction|parsing
    language model(?:l)?ing|language understanding|natural language inference|commonsense reasoning
    mathematical reasoning|math reasoning|logical reasoning|reasoning|visual reasoning|planning
    instruction tuning|instruction following|instruction-following|fine-tuning
    parameter-efficient fine-tuning
    parameter-efficient transfer learning|transfer learning|few-shot learning|in-context learning
    meta-learning|continual learning|federated learning|reinforcement learning|imitation learning
    active learning|contrastive learning|representation learning|self-supervised learning
    knowledge distillation|quantization|model compression|pruning|structured pruning|network pruning
    model merging|model editing|knowledge editing|speculative decoding|text-to-speech
    speech synthesis
    speech translation|speaker verification|audio classification|music generation
    sound event detection
    pose estimation|depth estimation|3d reconstruction|novel view synthesis|optical flow
    object tracking
    visual tracking|action recognition|video understanding|long video understanding|video retrieval
    face recognition|anomaly detection|fraud detection|fault detection|intrusion detection
    malware detection
    recommendation|sequential recommendation|click-through rate prediction|link prediction
    node classification|graph classification|knowledge graph completion|entity linking|text-to-sql
    time series forecasting|time-series forecasting|weather forecasting|traffic forecasting
    forecasting
    image editing|image super-resolution|super-resolution|image denoising|denoising
    image restoration
    drug discovery|molecule generation|molecular property prediction|protein structure prediction
    protein design|medical image segmentation|medical imaging|diagnosis|clinical prediction
    autonomous driving|robot manipulation|robotic manipulation|navigation|role-play(?:ing)?|tool use
    safety evaluation|red teaming|watermarking|hallucination detection|fact checking
    fact verification
    document understanding|optical character recognition|ocr|table understanding|data augmentation
    hyperparameter optimi[sz]ation|neural architecture search|test-time adaptation|domain adaptation
    text embedding|semantic similarity|reranking|re-ranking|passage retrieval|generative retrieval
    long-context modeling|long-context understanding|llm inference|llm serving|llm training
    pretraining
    data selection|preference optimi[sz]ation|alignment|language translation|translation|pde solving
    """)
    + r")\b"
)
"""A task by one of its usual names, in small letters: so it is read several times faster."""


GENERIC_OBJECT = re.compile(
    r"^(?:it|them|itself|themselves|this|that|those|one|theirs|ours|its|each other|nodes"
    r"|evaluation)$|.*\bhow$",
    re.IGNORECASE,
)
"""What follows "outperforms" and is no name of a rival."""

PURPOSE = re.compile(
    r"\b(?:to|aims?|aiming|intended|designed|help|helps|in order to|can|could|may|might|for|on"
    r"|in|goal|potential|toward|towards|seek|how|whether|would|should|must|trying|of|by|without"
    r"|when)\s(?:\w+ly\s|further\s|even\s|also\s|both\s)?$",
    re.IGNORECASE,
)
"""Words that make an aim of what follows them."""


def find_last(
    pattern: re.Pattern[str], text: str, start: int = 0, end: int | None = None
) -> re.Match[str] | None:
    """Find the last place where a pattern matches."""
    last = None
    for last in pattern.finditer(text, start, len(text) if end is None else end):  # noqa: B007
        pass
    return last


def split_words(words: str) -> frozenset[str]:
    """Make a set of the words of a text."""
    return frozenset(words.split())
