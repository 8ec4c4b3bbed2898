"""Where APIs put their list of papers inside a JSON object."""

# Paths of keys: Semantic Scholar and OpenReview, OpenAlex, Crossref, Europe PMC, Solr and others.
WRAPPERS = frozenset(
    {
        "data", "results", "papers", "items", "records", "works", "documents", "docs", "articles",
        "entries", "abstracts", "notes", "publications", "recommendedPapers", "message.items",
        "resultList.result", "response.docs", "response.results",
    }
)  # fmt: skip


def is_wrapper(value: object) -> bool:
    """Whether a decoded JSON object wraps a list of papers."""
    return any(isinstance(_follow(value, path), list) for path in WRAPPERS)


def _follow(value: object, path: str) -> object:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value
