"""Every format on realistic shapes, plain and compressed, from files and through a pipe."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.documents import Abstract, make_id
from extractor.readers import FORMATS, Entry, ReadOptions, Unreadable, read_abstracts

PAGE_WITH_BLANKS = """new

Get trending papers in your email inbox!

Subscribe

Daily Papers

byAK and the research community

Sep 23

Tin Soldiers: A Toy Model

Tin soldiers reach 81.5% on the parade test, 3 points above lead soldiers.

Paper Boats

Paper boats sink in half the time that wooden boats need, as 12 trials show.
"""
PAGE_WITHOUT_BLANKS = """Get trending papers in your email inbox once a day!
Get trending papers in your email inbox!
SubscribeTin Soldiers: A Toy Model
Tin soldiers reach 81.5% on the parade test, 3 points above lead soldiers.
Paper Boats
Paper boats sink in half the time that wooden boats need, as 12 trials show.
"""
JSON_LINES = """{"id": 7, "title": "Tin Soldiers", "abstract": "Tin soldiers win."}

{"id": "b", "title": "Paper Boats", "abstract": "Paper boats sink."}
"""
CSV = """Paper ID;Title;Abstract;Year
7;Tin Soldiers;"Tin soldiers
win; ""always"".";2024.0
b;Paper Boats;Paper boats sink.;
"""
BIBTEX = r"""% Encoding: UTF-8
@comment{jabref-meta: databaseType:bibtex;}
@string{toys = "Journal of Toys"}
@article{soldiers,
  title    = {{The {\"O}zt{\"u}rk} Soldiers},
  Abstract = {Caf{\'e} soldiers march 5\% faster, with $x^2$ steps. The ~7% gain of R&D
              is 12% larger.},
  journal  = toys,
  year     = 2024,
  doi      = {10.1000/toys},
}

@misc{boats, title = "Paper Boats", abstract = "Paper boats sink.", date = {2023-05-01}}
"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://export.example.org/api/query?search_query=toys" rel="self"/>
  <title type="html">Query: toys</title>
  <id>http://export.example.org/api/cHxbiOdZaP56</id>
  <entry>
    <id>http://arxiv.org/abs/2101.00010v2</id>
    <updated>2021-02-03T00:00:00Z</updated>
    <published>2021-01-02T00:00:00Z</published>
    <title>Tin
  Soldiers</title>
    <summary>  Tin soldiers &amp; drums
win.
</summary>
    <author><name>A. Maker</name></author>
    <link title="pdf" href="http://arxiv.org/pdf/2101.00010v2" rel="related"/>
    <link href="http://arxiv.org/abs/2101.00010v2" rel="alternate" type="text/html"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/hep-th/9901001v1</id>
    <title>Paper Boats</title>
    <summary>Paper boats sink.</summary>
  </entry>
</feed>
"""
TEXT = "Paper Boats\n\nPaper boats sink in half the time.\nWooden boats do not.\n"

CONTENTS = {
    "page": PAGE_WITH_BLANKS,
    "jsonl": JSON_LINES,
    "json": json.dumps([json.loads(line) for line in JSON_LINES.split("\n") if line], indent=1),
    "csv": CSV,
    "tsv": "id\ttitle\tabstract\n7\tTin Soldiers\tTin soldiers win.\n",
    "bibtex": BIBTEX,
    "atom": ATOM,
    "text": TEXT,
}


def read_content(tmp_path: Path, content: str | bytes, name: str = "input") -> list[Entry]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_abstracts([path]))


def read_good(tmp_path: Path, content: str | bytes, name: str = "input") -> list[Abstract]:
    entries = read_content(tmp_path, content, name)
    assert all(isinstance(entry, Abstract) for entry in entries), entries
    return [entry for entry in entries if isinstance(entry, Abstract)]


def local_places(entries: list[Abstract]) -> list[str]:
    return [(entry.source or "").rpartition("input")[2] for entry in entries]


@pytest.mark.parametrize(
    ("content", "lines"), [(PAGE_WITH_BLANKS, [":13", ":17"]), (PAGE_WITHOUT_BLANKS, [":3", ":5"])]
)
def test_page(tmp_path: Path, content: str, lines: list[str]) -> None:
    entries = read_good(tmp_path, content)
    assert [entry.title for entry in entries] == ["Tin Soldiers: A Toy Model", "Paper Boats"]
    assert entries[0].text.startswith("Tin soldiers reach 81.5%")
    assert entries[0].id == make_id(entries[0].title, entries[0].text)
    assert entries[0].published is None  # the date in the header is the page's
    assert local_places(entries) == lines


def test_page_keeps_going_where_an_abstract_is_missing_or_has_two_paragraphs(
    tmp_path: Path,
) -> None:
    long_paragraph = "Boats were folded again and again. " * 10
    content = PAGE_WITHOUT_BLANKS + f"Alone\nTin Drums\nDrums are loud.\n{long_paragraph}\n"
    entries = read_content(tmp_path, content)
    assert isinstance(entries[2], Unreadable)
    assert (entries[2].reason, entries[2].excerpt) == ("no text", "Alone")
    assert entries[2].source.endswith(":7")
    assert isinstance(entries[3], Abstract)
    assert entries[3].title == "Tin Drums"
    assert entries[3].text == f"Drums are loud. {long_paragraph}".strip()


def test_page_title_that_begins_with_subscribe_stays_whole(tmp_path: Path) -> None:
    content = PAGE_WITHOUT_BLANKS + "Subscribers of Toys\nSubscribers play more.\n"
    assert read_good(tmp_path, content)[-1].title == "Subscribers of Toys"


def test_json_lines(tmp_path: Path) -> None:
    entries = read_good(tmp_path, JSON_LINES)
    assert [(entry.id, entry.text) for entry in entries] == [
        ("7", "Tin soldiers win."),
        ("b", "Paper boats sink."),
    ]
    assert local_places(entries) == [":1", ":3"]


def test_json_lines_of_the_arxiv_snapshot(tmp_path: Path) -> None:
    record = {
        "id": "0704.0010",
        "submitter": "A. Maker",
        "title": "Tin\n  Soldiers",
        "doi": "10.1000/toys",
        "abstract": "  Tin soldiers\nwin.\n",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "update_date": "2008-11-26",
    }
    (entry,) = read_good(tmp_path, json.dumps(record) + "\n")
    assert (entry.id, entry.title, entry.text) == (
        "0704.0010",
        "Tin Soldiers",
        "Tin soldiers win.",
    )
    assert entry.published == "Mon, 2 Apr 2007 19:18:42 GMT"
    assert entry.url == "https://doi.org/10.1000/toys"


@pytest.mark.parametrize(
    ("record", "id_"),
    [
        ({"text": "Tin soldiers win."}, make_id("", "Tin soldiers win.")),
        ({"paperId": "f00", "corpusId": 3, "abstract": "Tin soldiers win."}, "f00"),
        ({"doi": "10.1/x", "abstract": "Tin soldiers win."}, "10.1/x"),
        ({"arxiv_id": "2101.00010", "summary": "Tin soldiers win."}, "2101.00010"),
        (
            {
                "id": "https://openalex.org/W1",
                "abstract_inverted_index": {"win.": [2], "Tin": [0], "soldiers": [1]},
            },
            "https://openalex.org/W1",
        ),
        ({"pmid": 12, "abstract": ["Tin soldiers", "win."]}, "12"),
        ({"pmid": 12, "abstract": {"BACKGROUND": "Tin soldiers", "RESULTS": "win."}}, "12"),
        ({"paper_id": "p", "abstract": [{"text": "Tin soldiers win.", "section": "A"}]}, "p"),
        ({"id": "p", "abstract": None, "text": "Tin soldiers win."}, "p"),
    ],
)
@pytest.mark.parametrize("wrap", ["lines", "array", "data", "message.items"])
def test_common_json_shapes(tmp_path: Path, record: object, id_: str, wrap: str) -> None:
    document = {
        "lines": record,
        "array": [record],
        "data": {"total": 1, "data": [record]},
        "message.items": {"status": "ok", "message": {"items": [record]}},
    }[wrap]
    (entry,) = read_good(tmp_path, json.dumps(document))
    assert (entry.id, entry.text) == (id_, "Tin soldiers win.")


def test_number_as_id_keeps_its_digits(tmp_path: Path) -> None:
    line = '{"id": 2101.00010, "text": "Tin soldiers win.", "year": 2024.0}'
    for content in (line, f"[{line}]"):
        (entry,) = read_good(tmp_path, content)
        assert (entry.id, entry.published) == ("2101.00010", "2024")


def test_json_object_over_several_lines(tmp_path: Path) -> None:
    (entry,) = read_good(tmp_path, json.dumps({"id": "x", "text": "Tin wins."}, indent=2))
    assert (entry.id, entry.text) == ("x", "Tin wins.")


def test_json_strings_are_texts(tmp_path: Path) -> None:
    entries = read_good(tmp_path, '["Tin soldiers win.", "Paper boats sink."]')
    assert [entry.text for entry in entries] == ["Tin soldiers win.", "Paper boats sink."]
    assert local_places(entries) == ["#1", "#2"]


def test_long_json_on_a_single_line(tmp_path: Path) -> None:
    papers = [{"id": str(i), "abstract": f"Soldier {i} wins. " * 20} for i in range(1000)]
    assert len(read_good(tmp_path, json.dumps({"next": None, "papers": papers}))) == 1000


def test_csv(tmp_path: Path) -> None:
    entries = read_good(tmp_path, CSV)
    assert entries[0].text == 'Tin soldiers win; "always".'
    assert [(entry.id, entry.published) for entry in entries] == [("7", "2024"), ("b", None)]
    assert local_places(entries) == [":2", ":4"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    content = "id,SUMMARY,link\r\nx,Tin wins.,https://example.org/x\r\n".replace(",", delimiter)
    (entry,) = read_good(tmp_path, content)
    assert (entry.id, entry.text, entry.url) == ("x", "Tin wins.", "https://example.org/x")


def test_columns_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "toys.csv"
    path.write_text("nr,abstract,findings\nx,Not this.,Tin wins.\n")
    options = ReadOptions(mapping={"text": "findings", "id": "nr"})
    (entry,) = read_abstracts([path], options=options)
    assert isinstance(entry, Abstract)
    assert (entry.id, entry.text) == ("x", "Tin wins.")


def test_mapping_reaches_into_nested_objects(tmp_path: Path) -> None:
    path = tmp_path / "toys.json"
    path.write_text('[{"paper": {"id": "x", "findings": "Tin wins."}}]')
    options = ReadOptions(mapping={"text": "paper.findings", "id": "paper.id"})
    (entry,) = read_abstracts([path], options=options)
    assert isinstance(entry, Abstract)
    assert (entry.id, entry.text) == ("x", "Tin wins.")


def test_csv_field_beyond_the_default_limit_of_the_csv_module(tmp_path: Path) -> None:
    (entry,) = read_good(tmp_path, "id,abstract\nx," + "tin " * 100_000 + "\n")
    assert len(entry.text) == 399_999


def test_bibtex(tmp_path: Path) -> None:
    entries = read_good(tmp_path, BIBTEX)
    assert entries[0].title == "The Öztürk Soldiers"
    assert entries[0].text == (
        "Café soldiers march 5% faster, with $x^2$ steps. The ~7% gain of R&D is 12% larger."
    )
    assert [entry.id for entry in entries] == ["soldiers", "boats"]
    assert [entry.url for entry in entries] == ["https://doi.org/10.1000/toys", None]
    assert [entry.published for entry in entries] == ["2024", "2023-05-01"]
    assert local_places(entries) == [":4", ":13"]


def test_bibtex_strings_are_resolved(tmp_path: Path) -> None:
    content = '@string{tin = "Tin soldiers win."}\n@misc{x, abstract = tin}\n'
    assert read_good(tmp_path, content)[0].text == "Tin soldiers win."


def test_atom(tmp_path: Path) -> None:
    entries = read_good(tmp_path, ATOM)
    assert [entry.id for entry in entries] == ["2101.00010v2", "hep-th/9901001v1"]
    assert (entries[0].title, entries[0].text) == ("Tin Soldiers", "Tin soldiers & drums win.")
    assert entries[0].published == "2021-01-02T00:00:00Z"
    assert entries[0].url == "http://arxiv.org/abs/2101.00010v2"
    assert local_places(entries) == ["#1", "#2"]


def test_atom_error_of_arxiv_is_no_abstract(tmp_path: Path) -> None:
    content = """<feed xmlns="http://www.w3.org/2005/Atom"><entry>
      <id>http://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title>
      <summary>incorrect id format for toys</summary></entry></feed>"""
    (entry,) = read_content(tmp_path, content)
    assert isinstance(entry, Unreadable)
    assert entry.reason == "arXiv answered with an error: incorrect id format for toys"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (TEXT, "Paper Boats"),
        ("Paper boats sink in half the time.\n\nWooden boats do not, as 12 trials show.", ""),
        ("Paper boats sink\nin half the time.\n\nWooden boats do not.", ""),
        ("Paper boats sink in half the time\n\nOK.", ""),
        ("word " * 30 + "\n\n" + "Paper boats sink. " * 30, ""),
        ("Paper boats sink in half the time.", ""),
    ],
)
def test_text_is_one_abstract(tmp_path: Path, content: str, title: str) -> None:
    (entry,) = read_good(tmp_path, content)
    assert entry.title == title
    assert f"{title} {entry.text}".split() == content.split()


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "toys.parquet"
    table = pa.table(
        {
            "paper_id": [1, 2],
            "abstract": ["Tin soldiers win.", None],
            "year": [2024.0, None],
            "embedding": [[0.1], [0.2]],
        }
    )
    pq.write_table(table, path)
    good, bad = read_abstracts([path])
    assert isinstance(good, Abstract)
    assert (good.id, good.text, good.published) == ("1", "Tin soldiers win.", "2024")
    assert bad == Unreadable(f"{path}#2", "no text", "2")
    packed = tmp_path / "toys.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert len(list(read_abstracts([packed]))) == 2


@pytest.mark.parametrize("format_", CONTENTS)
def test_gzip_is_told_from_its_magic_bytes(tmp_path: Path, format_: str) -> None:
    content = CONTENTS[format_]
    plain = read_good(tmp_path, content)
    packed = read_good(tmp_path, gzip.compress(content.encode()), "input")
    assert plain == packed


@pytest.mark.parametrize("format_", CONTENTS)
def test_detected_and_named_format_agree(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "input"
    path.write_text(CONTENTS[format_])
    options = ReadOptions(format=format_)
    assert list(read_abstracts([path], options=options)) == list(read_abstracts([path]))


# Of plain text, only the suffix can say that it should have been something else.
@pytest.mark.parametrize("format_", [format_ for format_ in CONTENTS if format_ != "text"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xml", ".bib", ".txt", ".json"])
def test_content_outweighs_the_suffix(tmp_path: Path, format_: str, suffix: str) -> None:
    plain = read_good(tmp_path, CONTENTS[format_])
    renamed = read_good(tmp_path, CONTENTS[format_], f"input{suffix}")
    assert [entry.text for entry in plain] == [entry.text for entry in renamed]


@pytest.mark.parametrize("format_", CONTENTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(tmp_path: Path, format_: str, encoding: str) -> None:
    plain = CONTENTS[format_]
    content = plain.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    assert read_good(tmp_path, content.encode(encoding)) == read_good(tmp_path, plain)


@pytest.mark.parametrize("format_", CONTENTS)
def test_standard_input_through_a_pipe(tmp_path: Path, format_: str) -> None:
    command = "from extractor.readers import *; print([e.text for e in read_abstracts(['-'])])"
    done = subprocess.run(
        [sys.executable, "-c", command],
        input=gzip.compress(CONTENTS[format_].encode()),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == str(
        [entry.text for entry in read_good(tmp_path, CONTENTS[format_])]
    )


def test_every_format_has_a_module() -> None:
    assert set(CONTENTS) | {"parquet"} == set(FORMATS)
