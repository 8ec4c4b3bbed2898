"""Papers from the API of arXiv."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from extractor.errors import ConfigError, InputError
from extractor.fetching.papers import Papers
from extractor.readers.entries import Entry, Unreadable, build_entry

try:
    import arxiv
    import requests
    from requests.adapters import HTTPAdapter
except ModuleNotFoundError as missing:
    raise ConfigError(
        "fetching from arXiv needs a package: pip install 'claim-extractor[arxiv]'"
    ) from missing

DELAY_S = 3.0
"""Seconds between two requests: arXiv's terms of use ask for no more than one in three."""

_TIMEOUT_S = 60.0
_RETRIES = 4
_PAGE = 500
_IDS_A_REQUEST = 100
_FIRST_DAY = "199101010000"
_PAGES = "arxiv.org/abs/"
_ERRORS = "arxiv.org/api/errors"
_ID = re.compile(r"(\d{4}\.\d{4,5}|[A-Za-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?")
_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_ADVICE = "run the same command again to go on"


@dataclass(frozen=True, kw_only=True)
class ArxivSearch:
    """What to fetch.

    Attributes:
        query: in arXiv's own language, as in `cat:cs.CL AND ti:parsing`.
        ids: identifiers, with or without a version.
        since, until: bounds of the day of first submission, both included, in UTC.
        most: only the first so many papers of the search; None for all.
    """

    query: str = ""
    ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        """Refuse what arXiv cannot answer.

        Raises:
            ConfigError: nothing is asked for, an identifier is none, or the days are swapped.
        """
        if not (self.query or self.ids or self.since or self.until):
            raise ConfigError("say what to fetch: --query, --ids, --since or --until")
        if self.since and self.until and self.until < self.since:
            raise ConfigError(f"--until {self.until} is before --since {self.since}")
        wrong = next((name for name in self.ids if not _ID.fullmatch(name)), None)
        if wrong is not None:
            raise ConfigError(f"'{wrong}' is no arXiv identifier, as 2101.00001 or cs/0101001v2")

    @property
    def is_chronological(self) -> bool:
        """Whether papers come oldest first, so that a later call can begin at the last one."""
        return self.since is not None

    @property
    def name(self) -> str:
        """What tells this search from others whose papers share a file."""
        since = f"since {self.since}" if self.since else ""
        return " ".join(filter(None, (self.query, "ids" if self.ids else "", since))) or "all"

    def phrase(self, begin: datetime | None = None) -> str:
        """The query with its days, as arXiv wants it.

        Args:
            begin: takes the place of `since`.
        """
        if not (self.since or self.until):
            return self.query
        first = begin or self.since
        last = self.until or datetime.now(UTC).date()
        days = f"submittedDate:[{first:%Y%m%d%H%M}" if first else f"submittedDate:[{_FIRST_DAY}"
        days += f" TO {last:%Y%m%d}2359]"
        return f"({self.query}) AND {days}" if self.query else days


@dataclass
class Fetched:
    """What a call has fetched so far.

    Attributes:
        written: papers that are new in the output.
        present: papers that it had already.
        unusable: papers without an abstract, by identifier.
        absent: identifiers that arXiv does not know.
    """

    written: int = 0
    present: int = 0
    unusable: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def fetch_arxiv(
    search: ArxivSearch, papers: Papers, report: Callable[[Fetched], None] | None = None
) -> Fetched:
    """Fetch papers: oldest first where the search has `since`, else newest first.

    Papers that the output holds are left out; identifiers that it holds are not asked for, and
    a search with `since` begins where the same search ended.

    Args:
        search: what to fetch.
        papers: where to.
        report: called after each paper.

    Raises:
        InputError: arXiv refuses the search, or cannot be reached; what came before is written.
        StoreError: the output cannot be written.
    """
    fetched = Fetched()
    wanted = list(dict.fromkeys(search.ids))[: search.most]
    missing = [identifier for identifier in wanted if not papers.holds(identifier)]
    fetched.present = len(wanted) - len(missing)
    found: set[str] = set()
    for entry in _find(search, missing, papers) if missing or not wanted else ():
        if isinstance(entry, Unreadable):
            fetched.unusable.append(entry.id or entry.source)
        elif papers.holds(entry.id):
            fetched.present += 1
        else:
            papers.write(entry, search.name)
            fetched.written += 1
        found.update(_spellings(entry.id or ""))
        if report is not None:
            report(fetched)
    fetched.absent = [identifier for identifier in missing if identifier not in found]
    return fetched


def _spellings(identifier: str) -> tuple[str, str]:
    return identifier, re.sub(r"v\d+$", "", identifier)


def _find(search: ArxivSearch, ids: list[str], papers: Papers) -> Iterator[Entry]:
    client = _open_client()
    phrase = search.phrase()
    # Where the number is limited, a later beginning would let in more than the first so many.
    if search.is_chronological and not search.most and not ids:
        last = papers.last_published(search.name)
        phrase = search.phrase(datetime.fromisoformat(last) if last else None)
    for start in range(0, max(1, len(ids)), _IDS_A_REQUEST):
        yield from _ask(client, search, phrase, ids[start : start + _IDS_A_REQUEST])


def _ask(client: Any, search: ArxivSearch, phrase: str, ids: list[str]) -> Iterator[Entry]:
    order = arxiv.SortOrder.Ascending if search.is_chronological else arxiv.SortOrder.Descending
    asked = arxiv.Search(
        query=phrase,
        id_list=ids,
        max_results=search.most,
        sort_by=arxiv.SortCriterion.SubmittedDate,
        sort_order=order,
    )
    try:
        yield from map(_read, client.results(asked))
    except arxiv.HTTPError as error:
        raise InputError(_explain_status(error.status)) from error
    except arxiv.ArxivError as error:
        raise InputError(f"arXiv broke off: {error.message.lower()}; {_ADVICE}") from error
    except requests.RequestException as error:
        reason = str(error) if isinstance(error, _NoFeedError) else type(error).__name__
        raise InputError(f"arXiv cannot be reached: {reason}; {_ADVICE}") from error
    except ValueError as error:  # a date that is none
        raise InputError(f"arXiv sent an entry that cannot be read: {error}") from error


def _read(result: Any) -> Entry:
    if _ERRORS in result.entry_id:
        raise InputError(f"arXiv refuses the search: {' '.join(result.summary.split())[:200]}")
    return build_entry(
        source="arXiv",
        id=result.entry_id.partition(_PAGES)[2] or result.entry_id,
        title=result.title,
        text=result.summary,
        url=result.entry_id,
        published=result.published.isoformat(),
    )


def _explain_status(status: int) -> str:
    if status in (400, 404):
        return f"arXiv refuses the search (HTTP {status}): check --query and --ids"
    return f"arXiv answered HTTP {status} again and again: wait a little, then {_ADVICE}"


class _NoFeedError(requests.ConnectionError):
    """An answer that is no whole feed; arxiv tries again what is an error of the connection."""


class _FeedAdapter(HTTPAdapter):
    """Sees to it that an answer is what it should be: arxiv takes any other for an empty one."""

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request; no answer for a minute is an error.

        Raises:
            _NoFeedError: the answer is no feed, or has no entries although there are some.
        """
        response = super().send(*arguments, **{**options, "timeout": _TIMEOUT_S})
        if response.status_code == requests.codes.OK:
            _check_feed(response.content)
        return response


def _check_feed(content: bytes) -> None:
    try:
        feed = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _NoFeedError("the answer is no feed") from error
    if feed.tag != f"{_ATOM}feed":
        raise _NoFeedError("the answer is no feed")
    total, start = (
        int(feed.findtext(f"{_OPENSEARCH}{name}") or 0) for name in ("totalResults", "startIndex")
    )
    if feed.find(f"{_ATOM}entry") is None and start < total:
        raise _NoFeedError(f"an empty page, though {total:,} papers were found")


def _open_client() -> Any:
    client = arxiv.Client(page_size=_PAGE, delay_seconds=DELAY_S, num_retries=_RETRIES)
    for scheme in ("https://", "http://"):
        client._session.mount(scheme, _FeedAdapter())
    return client
