"""Reading names and noun phrases: what stands behind "outperforms", "on" or "than"."""

import re

from extractor.asking.patterns.lexicon import split_words

_TOKEN = re.compile(r"\((?:[^()]|\([^()]*\))*\)|[^\s,;:()]+|[,;:()]")
_STOP_WORDS = split_words("""
    by on in with while when whereas for at across using to as that which who whose is are was were
    be been from under after via through despite without but although though even than over against
    averaged respectively yet so because since if where per during among amongst between within into
    compared relative thereby thus has have had can could may might will would should does do did
    not it they we this these upon regarding about only just also still then both-and -- – — = not
    respectively further significantly substantially consistently especially particularly notably
    simultaneously respectively. whilst once until before versus vs. vs plus including: yielding
    along alike too
""")
_VERB = re.compile(
    r"(?:achiev|reach|obtain|attain|outperform|surpass|exceed|match|rival|improv|reduc|increas"
    r"|decreas|demonstrat"
    r"|show|deliver|yield|requir|maintain|preserv|provid|enabl|highlight|establish|indicat"
    r"|suggest|rank|score"
    r"|giv|lead|mak|keep|need|offer|cut|us|run|perform|set|allow|retain|tak|retriev|plac|surpris"
    r"|confirm|validat)"
    r"(?:e|es|s|ing|ed|ting)?$"
)
_NOUN_LIKE = split_words("""
    performing leading scoring reasoning learning training scores sets runs cuts performance rivals
    needs
""")
_DETERMINERS = split_words("""
    the a an its their our all both either any this that these those each every such current of most
    many several various multiple some even
""")
_INNER_DETERMINERS = _DETERMINERS - {"of", "most", "various"}
_DEGREES = split_words("significantly substantially considerably especially particularly far much")
_OPENERS = {
    "such": "as",
    "including": "",
    "like": "",
    "namely": "",
    "e.g.": "",
    "e.g": "",
    "i.e.": "",
}
_POSTMODIFIERS = split_words("trained based built designed tuned fine-tuned pre-trained")
_MAX_WORDS = 9

GROUP_HEAD = re.compile(
    r"(?:benchmarks?|data ?sets?|corpus|corpora|tasks?|test sets?|tests|suites?|leaderboards?"
    r"|domains|"
    r"scenarios|environments|settings|collections|exams?|subsets?|splits?|test-sets?|problems"
    r"|questions|"
    r"languages|sets?|categories|data)$",
    re.IGNORECASE,
)
"""The last word of a phrase for data or tests without a name."""

_GENERIC_TAIL = re.compile(
    r"\s(?:benchmarks?|data ?sets?|tasks?|leaderboards?|evaluations?|challenges?|test sets?)$",
    re.IGNORECASE,
)
_PAREN_LIST = re.compile(r"\((?:e\.g\.,?|i\.e\.,?|such as|including|namely|like)\s*(.+)\)$")
_LEFTOVERS = re.compile(r"\*\*|[`$\"“”]|''")
_NUMBER_OF = re.compile(r"^(?:number|range|variety|set|series|suite) of\s")
_PAREN_NAMES = re.compile(
    r"\(((?:[A-Z][\w.+-]*|\d+[A-Z]\w*)(?:[ ,/]+(?:and )?[A-Z0-9][\w.+@-]*)*)\)$"
)


def is_proper(word: str) -> bool:
    """Tell whether a word is a name by its looks: a capital letter, or letters with digits."""
    return any(letter.isupper() for letter in word) or (
        any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
    )


def has_name(phrase: str) -> bool:
    """Tell whether any word of a phrase is a name."""
    return any(is_proper(word) for word in phrase.split())


class NameReader:
    """Reads a list of names from a place in a text on; one reader for one list."""

    def __init__(self, text: str, start: int, end: int | None = None) -> None:
        self._tokens = list(_TOKEN.finditer(text, start, len(text) if end is None else end))
        self._place = 0
        self._names: list[str] = []
        self._words: list[str] = []
        self.end = start
        self.brackets: list[str] = []

    def read(self) -> list[str]:
        """Read names until a word that cannot go on with the list."""
        while self._place < len(self._tokens) and self._take(self._tokens[self._place]):
            self._place += 1
        self._flush()
        return self._names

    def _take(self, token: re.Match[str]) -> bool:
        """Take one token in; False where the list ends."""
        word = token[0]
        if word.startswith("(") and word != "(":
            return self._take_brackets(token)
        if word == ",":
            return self._goes_on_after_comma()
        if word.lower() in {"and", "or", "&"}:
            return self._goes_on_after_and()
        if self._opens_examples(word) or self._is_skipped(word):
            return True
        if self._is_end(word):
            return False
        self._words.append(word.rstrip("."))
        self.end = token.end()
        return not word.endswith(".") or word.lower() in {"e.g.", "i.e.", "vs."}

    def _is_skipped(self, word: str) -> bool:
        """Whether a word in front of a name is no part of it."""
        lowered = word.lower()
        return not self._words and (lowered in _DETERMINERS or lowered in _DEGREES)

    def _is_end(self, word: str) -> bool:
        """Whether the list cannot go on with a word."""
        if word.lower() in _OPENERS and "." in word:
            return True  # examples that are no names
        if word in ";:()" or not self._words:
            return word in ";:()" or (word.lower() in _STOP_WORDS and not word.endswith("ly"))
        lowered = word.lower()
        if lowered in _INNER_DETERMINERS:
            return self._words[-1].lower() not in {"of", "on", *_POSTMODIFIERS}
        if lowered in _STOP_WORDS:
            return self._words[-1].lower() not in _POSTMODIFIERS
        if len(self._words) >= _MAX_WORDS:
            return True
        return _VERB.match(lowered) is not None and lowered not in _NOUN_LIKE

    def _take_brackets(self, token: re.Match[str]) -> bool:
        listed = _PAREN_LIST.match(token[0])
        if listed:
            inner = NameReader(listed[1], 0).read()
            if inner:
                self._words = []
                self._names = inner
                self.end = token.end()
                return False
        names = _PAREN_NAMES.match(token[0])
        if names:
            self.brackets.append(names[1])
            self.end = token.end()
        return True

    def _goes_on_after_comma(self) -> bool:
        following = self._peek(1)
        if not following:
            return False
        if following.lower() in {"and", "or"}:
            following = self._peek(2)
            if not self._names and not is_proper(following):
                return False
        if following.lower() in {"such", "including", "like", "namely", "e.g.", "e.g"}:
            return True
        if not is_proper(following) or (self._names == [] and not has_name(" ".join(self._words))):
            return False
        self._flush()
        return True

    def _goes_on_after_and(self) -> bool:
        following = self._peek(1)
        lowered = following.lower()
        if not following or lowered in _STOP_WORDS or lowered in {"even", "it", "we"}:
            return False
        if _VERB.match(lowered) and lowered not in _NOUN_LIKE:
            return False
        if not is_proper(following) and has_name(" ".join(self._words)) and lowered != "the":
            return False
        if following[0].isdigit() and not is_proper(following):
            return False
        self._flush()
        return True

    def _opens_examples(self, word: str) -> bool:
        lowered = word.lower()
        if lowered not in _OPENERS:
            return False
        second = _OPENERS[lowered]
        if second:
            if self._peek(1).lower() != second:
                return False
            self._place += 1
        if self._peek(1) == ",":
            self._place += 1
        if self._peek(1)[:1].isdigit() and not is_proper(self._peek(1)):
            return False  # figures, not names
        self._words = []
        self._names = []
        return True

    def _peek(self, ahead: int) -> str:
        place = self._place + ahead
        return self._tokens[place][0] if place < len(self._tokens) else ""

    def _flush(self) -> None:
        name = clean_name(" ".join(self._words))
        if name:
            self._names.append(name)
        self._words = []


_ADJECTIVE = re.compile(
    r"(?:[a-z-]+ )*[a-z]+-[a-z]+$|[a-z][a-z-]*(?<!s)$|.*-(?:based|only|style|like|free|tuned)$"
)


def _share_head(names: list[str]) -> list[str]:
    """Of "vanilla and recursive baselines", make two kinds of baselines."""
    if len(names) != 2 or not _ADJECTIVE.match(names[0]):
        return names
    head = names[1].split()[-1]
    plural = head.endswith("s") and len(names[1].split()) > 1
    return [f"{names[0]} {head}", names[1]] if plural else names


def clean_name(name: str) -> str:
    """Drop leftovers of LaTeX and Markdown and marks at the ends of a name."""
    return _NUMBER_OF.sub("", _LEFTOVERS.sub("", name)).strip(" .,;:-'’–")


def read_names(text: str, start: int, end: int | None = None) -> tuple[list[str], int]:
    """Read the names, or the group of things, that a list from `start` on tells of.

    Returns:
        "A, B and C" as three names, "models such as A" as A alone; and where the list ends.
    """
    reader = NameReader(text, start, end)
    return _share_head(reader.read()), reader.end


_SCALE_ONLY = re.compile(r"^[\d.]+[KMBT%x]?$")
_NOT_DATA = re.compile(
    r"\b(?:average|terms|LLMs?|models?|GPUs?|particular|general|addition|practice|contrast|order"
    r"|GPU|CPU"
    r"|comparison|method|approach|architectures?|accuracy|performance|experiments|paper|work|top"
    r"|cost"
    r"|methods|systems|parameters|inference|training|hardware|A100|H100|device|devices|tokens"
    r"|NVIDIA)$",
    re.IGNORECASE,
)


# "the second turn of X's tasks": the name is X.
_MEMBERS = re.compile(
    r"\s(?:in|from|of|on|across"
    r"|spanning)\s[^,.;()]{0,60}\(((?:[A-Z][\w.+-]*)(?:[ ,/]+(?:and )?[A-Z0-9][\w.+@-]*)*)\)"
)
_PART_OF = re.compile(r"^[a-z][a-z -]*\sof\s(?:select\s)?(?=[A-Z])|['’]s\s.*$")


def read_datasets(text: str, start: int, end: int | None = None) -> tuple[list[str], int]:
    """Read the data that "on", "across" or "in" announces; [] if it is something else."""
    reader = NameReader(text, start, end)
    names = reader.read()
    if reader.brackets and names and GROUP_HEAD.search(names[-1]) and not has_name(names[-1]):
        names = re.split(r",\s*(?:and\s+)?|\s+and\s+", reader.brackets[0])
    if len(names) == 1 and GROUP_HEAD.search(names[0]) and not has_name(names[0]):
        members = _MEMBERS.match(text, reader.end)
        if members:
            names = re.split(r",\s*(?:and\s+)?|\s+and\s+", members[1])
    if len(names) > 1 and not has_name(" ".join(names)) and not GROUP_HEAD.search(names[0]):
        names = [" and ".join(names)]
    names = [_PART_OF.sub("", name) for name in names]
    kept = [_GENERIC_TAIL.sub("", name) if has_name(name) else name for name in names]
    return [name for name in kept if _is_data(name)], reader.end


def _is_data(name: str) -> bool:
    if GROUP_HEAD.fullmatch(name) or re.search(r"\b(?:more|less|fewer|same)\b", name):
        return False
    if len(name) < 2 or _SCALE_ONLY.match(name) or _NOT_DATA.search(name):
        return False
    return has_name(name) or bool(GROUP_HEAD.search(name))
