"""What holds for any input: text survives a round trip, and no bytes crash a reader."""

import csv
import gzip
import io
import json
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.documents import Abstract, replace_surrogates
from extractor.errors import ExtractorError
from extractor.readers import FORMATS, Entry, ReadOptions, Unreadable, read_abstracts
from extractor.readers.entries import clean_text

from .test_formats import CONTENTS

ANY_TEXT = st.text(st.characters(), max_size=200)


def read_bytes(content: bytes, format_: str | None = None) -> list[Entry]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return list(read_abstracts([file.name], options=ReadOptions(format=format_)))


def assert_same(entries: list[Entry], texts: list[str]) -> None:
    cleaned = [clean_text(text) for text in texts]
    found = [entry.text if isinstance(entry, Abstract) else "" for entry in entries]
    assert found == cleaned


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), st.booleans())
def test_json_lines_round_trip(texts: list[str], is_ascii: bool) -> None:
    lines = [json.dumps({"id": "x", "text": text}, ensure_ascii=is_ascii) for text in texts]
    assert_same(read_bytes(replace_surrogates("\n".join(lines)).encode(), "jsonl"), texts)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_json_round_trip(texts: list[str]) -> None:
    assert_same(read_bytes(json.dumps([{"text": text} for text in texts]).encode()), texts)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([",", "\t", ";"]),
)
def test_csv_round_trip(texts: list[str], delimiter: str) -> None:
    content = io.StringIO()
    writer = csv.writer(content, delimiter=delimiter)
    writer.writerow(["id", "abstract"])
    writer.writerows(["x", text] for text in texts)
    assert_same(read_bytes(content.getvalue().encode(), "csv"), texts)


@given(ANY_TEXT)
def test_cleaned_text_is_safe_and_stable(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert clean_text(cleaned) == cleaned


def beginnings() -> Iterator[bytes]:
    yield from (b"", b"PAR1", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf", b"[{", b'{"text":')
    yield from (content.encode() for content in CONTENTS.values())
    yield from (gzip.compress(content.encode(), mtime=0) for content in CONTENTS.values())


@given(
    st.sampled_from(list(beginnings())),
    st.integers(0, 2000),
    st.binary(max_size=300),
    st.sampled_from([None, *FORMATS]),
)
@settings(max_examples=600)
def test_any_bytes_give_entries_or_an_error_of_ours(
    beginning: bytes, cut: int, rest: bytes, format_: str | None
) -> None:
    try:
        entries = read_bytes(beginning[:cut] + rest, format_)
    except ExtractorError as error:
        assert str(error)
        return
    for entry in entries:
        assert entry.source
        if isinstance(entry, Unreadable):
            assert "\n" not in entry.reason
            assert len(entry.excerpt) <= 80
        else:
            assert entry.id
            assert entry.text == clean_text(entry.text)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "json", "page", "bibtex"])
def test_memory_does_not_grow_with_the_source(tmp_path: Path, format_: str) -> None:
    text = "Tin soldiers win. " * 20
    line = {
        "jsonl": json.dumps({"text": text}) + "\n",
        "csv": f"x,{text}\n",
        "json": json.dumps({"text": text}) + ",\n",
        "page": f"Tin\n{text}\n",
        "bibtex": f"@misc{{x, abstract={{{text}}}}}\n",
    }[format_]
    count = 500 if format_ == "bibtex" else 20_000
    path = tmp_path / "input"
    with path.open("w") as file:
        file.write({"csv": "id,abstract\n", "json": "["}.get(format_, ""))
        for _ in range(count):
            file.write(line)
        file.write("null]" if format_ == "json" else "")
    # What is imported on first use does not count.
    options = ReadOptions(format=format_)
    entries = read_abstracts([path], options=options)
    next(entries)
    tracemalloc.start()
    try:
        assert sum(1 for _ in entries) >= count - 1
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 2_000_000


def test_import_brings_no_heavy_dependency() -> None:

    command = (
        "import sys, extractor.readers; "
        "print([m for m in ('pyarrow', 'bibtexparser', 'ijson', 'defusedxml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the checkout only")
def test_the_whole_corpus() -> None:
    entries = [entry for entry in read_abstracts([CORPUS]) if isinstance(entry, Abstract)]
    assert len(entries) == 406
    assert len({entry.id for entry in entries}) == 381
    assert max(len(entry.title) for entry in entries) < 200
    assert min(len(entry.text) for entry in entries) > 400


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the checkout only")
@pytest.mark.parametrize(("number", "count"), [(0, 119), (1, 73), (2, 119), (3, 95)])
def test_pages_of_the_corpus(number: int, count: int) -> None:
    path = sorted(CORPUS.iterdir())[number]
    entries = list(read_abstracts([path]))
    assert len(entries) == count
    assert not any(isinstance(entry, Unreadable) for entry in entries)
