"""What cannot be read: which faults stop the call, which are entries, and what they say."""

import gzip
import importlib
import io
import json
import os
import random
import sys
from pathlib import Path

import pytest

from extractor.documents import Abstract
from extractor.errors import ConfigError, InputError
from extractor.readers import Entry, ReadOptions, Unreadable, read_abstracts
from extractor.readers.entries import MAX_ENTRY_BYTES

GOOD = '{"id": "good", "text": "Tin soldiers win."}\n'


def write(folder: Path, content: str | bytes, name: str = "input.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def summarise(entries: list[Entry]) -> list[str]:
    return [entry.id if isinstance(entry, Abstract) else f"! {entry.reason}" for entry in entries]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "looks like a PDF; extract its text first"),
        (b"PK\x03\x04\x14\x00", "looks like a zip archive or an Office document"),
        (b"\x89PNG\r\n\x1a\n", "looks like a PNG image"),
        (b"\xff\xd8\xff\xe0", "looks like a JPEG image"),
        (b"SQLite format 3\x00", "looks like an SQLite database"),
        (gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "looks like gzip inside gzip"),
        (b"some text \x00\x01\x02", "not a text file (NUL byte at offset 10)"),
        ("Tin soldiers win".encode("utf-16-le"), "perhaps UTF-16 or UTF-32 without"),
        (b"<!DOCTYPE html><title>Toys</title>", "looks like an HTML page"),
        (b"<?xml version='1.0'?><PubmedArticleSet/>", "looks like XML, but not like an Atom feed"),
        (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20, "the gzip file is damaged"),
        (b"\x1f\x8b\x08\x00", "the gzip file is truncated"),
        ("Café\nna\xefve".encode("latin-1"), "input.txt:1: not UTF-8: byte 0xe9 at offset 3"),
        (b"ok\nfine \xff\n", "input.txt:2: not UTF-8: byte 0xff at offset 8"),
        (b"\xff\xfeA\x00\x00\xd8B\x00", "invalid UTF-16 after byte 0"),
        (b"id,title\n1,Tin\n", None),
    ],
)
def test_sole_source_that_cannot_be_read(
    tmp_path: Path, content: bytes, message: str | None
) -> None:
    path = write(tmp_path, content)
    if message is None:  # no column says that it holds texts: so this is plain text
        assert len(list(read_abstracts([path]))) == 1
        return
    with pytest.raises(InputError) as caught:
        read_abstracts([path])
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_wrong_encoding_says_how_to_convert(tmp_path: Path) -> None:
    path = write(tmp_path, "id,abstract\n1,café\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"convert it, e\.g\. with iconv -f latin1 -t utf-8"):
        read_abstracts([path])


def test_command_line_faults(tmp_path: Path) -> None:
    good = write(tmp_path, GOOD)
    (tmp_path / "empty").mkdir()
    cases: list[tuple[list[str | Path], ReadOptions, str]] = [
        ([], ReadOptions(), "nothing to read"),
        ([good, tmp_path / "gone.txt"], ReadOptions(), "gone.txt: not found"),
        ([tmp_path / ("long" * 100)], ReadOptions(), "cannot be opened: File name too long"),
        ([tmp_path / "empty"], ReadOptions(), "no readable file in this folder"),
        (["-", "-"], ReadOptions(), "can be read only once"),
        ([good], ReadOptions(format="docx"), "unknown format 'docx'; known: jsonl, json, csv"),
        ([good], ReadOptions(mapping={"body": "x"}), "unknown field 'body'"),
    ]
    for sources, options, message in cases:
        with pytest.raises(InputError) as caught:
            read_abstracts(sources, options=options)
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "nr,words\n1,Tin wins.\n", "no column with texts; its columns are: nr, words;"),
        ("a.jsonl", '{"nr": 1}\n' * 200, "no key with a text; its keys are: nr;"),
        ("a.json", '{"nr": 1}', "no key with a text; its keys are: nr;"),
    ],
)
def test_missing_text_column_in_the_first_source(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    path, good = write(tmp_path, content, name), write(tmp_path, GOOD)
    with pytest.raises(InputError) as caught:
        read_abstracts([path, good])
    assert f"{path}: {message}" in str(caught.value)
    assert "--map text=NAME" in str(caught.value)
    later = list(read_abstracts([good, path]))
    assert summarise(later)[0] == "good"
    assert message in summarise(later)[1]


def test_mapped_column_that_does_not_exist(tmp_path: Path) -> None:
    path = write(tmp_path, "nr,abstract\n1,Tin wins.\n", "a.csv")
    with pytest.raises(InputError, match="no column 'findings'; its columns are: nr, abstract"):
        read_abstracts([path], options=ReadOptions(mapping={"text": "findings"}))


def test_key_that_only_some_records_lack(tmp_path: Path) -> None:
    entries = list(read_abstracts([write(tmp_path, '{"id": "x"}\n' * 50 + GOOD)]))
    assert [isinstance(entry, Unreadable) for entry in entries] == [True] * 50 + [False]
    assert entries[0].id == "x"


def test_bad_source_does_not_stop_the_others(tmp_path: Path) -> None:
    empty, pdf = write(tmp_path, b"", "a.txt"), write(tmp_path, b"%PDF", "b.txt")
    good = write(tmp_path, GOOD, "c.jsonl")
    entries = list(read_abstracts([empty, pdf, good]))
    assert summarise(entries) == ["! empty", "! looks like a PDF; extract its text first", "good"]
    assert isinstance(entries[0], Unreadable)
    assert entries[0].source == str(empty)


def test_bad_json_line_is_an_entry(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + '{"text": oops}\n[1, 2]\n{"id": 5, "text": " "}\n' + GOOD)
    entries = list(read_abstracts([path]))
    assert summarise(entries) == [
        "good",
        "! not valid JSON: Expecting value (column 10)",
        "! neither a JSON object nor a string: list",
        "! no text",
        "good",
    ]
    assert entries[1] == Unreadable(
        f"{path}:2", "not valid JSON: Expecting value (column 10)", None, '{"text": oops}'
    )
    assert entries[3].id == "5"


def test_json_lines_that_strain_the_parser(tmp_path: Path) -> None:
    deep, digits = '{"a":' * 100_000, '{"text": "x", "n": ' + "9" * 5000 + "}"
    entries = list(read_abstracts([write(tmp_path, f"{GOOD}{deep}\n{digits}\n{GOOD}")]))
    assert [isinstance(entry, Unreadable) for entry in entries] == [False, True, True, False]


def test_invalid_byte_in_a_json_line_costs_that_line_only(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.encode() + b'{"text": "caf\xe9"}\n' + GOOD.encode())
    entries = list(read_abstracts([path]))
    assert summarise(entries)[0] == summarise(entries)[2] == "good"
    assert "not UTF-8: byte 0xe9 at offset 57" in summarise(entries)[1]


def test_invalid_byte_far_down_in_a_table_costs_that_row_only(tmp_path: Path) -> None:
    rows = b"1,Tin soldiers win.\n" * 5000
    path = write(tmp_path, b"id,abstract\n" + rows + b'2,"a\ncaf\xe9"\n3,Boats sink.\n')
    *_, bad, last = read_abstracts([path])
    assert isinstance(bad, Unreadable)
    assert bad.source == f"{path}:5002"
    assert "byte 0xe9" in bad.reason
    assert last.id == "3"


def test_line_beyond_the_limit_is_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("w") as file:
        file.write(GOOD + '{"text": "')
        for _ in range(12):
            file.write("x" * 1_000_000)
        file.write('"}\n' + GOOD)
    entries = list(read_abstracts([path]))
    assert summarise(entries) == ["good", "! the line is longer than 10,000,000 bytes", "good"]


def test_text_beyond_the_limit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which is no single abstract"):
        read_abstracts([write(tmp_path, "word\n" * (MAX_ENTRY_BYTES // 5 + 1))])


def test_truncated_gzip_keeps_what_came_before(tmp_path: Path) -> None:
    noise = random.Random(1)
    lines = [json.dumps({"text": f"Gain {noise.random()}"}) + "\n" for _ in range(20_000)]
    packed = gzip.compress("".join(lines).encode())
    *good, last = read_abstracts([write(tmp_path, packed[: len(packed) // 2])])
    assert len(good) > 5000
    assert all(isinstance(entry, Abstract) for entry in good)
    assert isinstance(last, Unreadable)
    assert last.source.endswith(f"input.txt:{len(good)}")
    assert last.reason.startswith("the gzip file is truncated; fetch it again")


def test_json_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = write(tmp_path, f'{{"data": [{GOOD}, {GOOD}, {{"text": oops')
    entries = list(read_abstracts([path]))
    assert summarise(entries)[:2] == ["good", "good"]
    assert entries[2].source == f"{path}#2"
    assert summarise(entries)[2].startswith("! malformed JSON after entry 2: ")


def test_deeply_nested_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nested deeper than 100 levels"):
        read_abstracts([write(tmp_path, "[" * 1_000_000)])


def test_json_without_a_list_of_papers_is_not_loaded_whole(tmp_path: Path) -> None:
    content = json.dumps({"unheard_of": [0] * 1_100_000})
    with pytest.raises(InputError, match="no list of papers found"):
        read_abstracts([write(tmp_path, content)])


def test_malformed_rows_of_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,abstract\n1,a, b\n2,fine,\n3,"x" y\n\n4,ok\n5,"open\n6,z\n')
    entries = list(read_abstracts([path]))
    assert summarise(entries) == [
        "! 3 fields in a table of 2 columns; a field that contains the delimiter must be quoted",
        "2",
        "! malformed row, ending in line 4: ',' expected after '\"'",
        "4",
        "! malformed row, ending in line 8: unexpected end of data",
    ]
    assert [entry.source for entry in entries] == [f"{path}:{n}" for n in (2, 3, 4, 6, 7)]


def test_quote_that_is_never_closed_ends_at_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,abstract\n1,"' + "word\n" * 2_100_000 + "2,fine\n")
    entries = list(read_abstracts([path]))
    assert "field larger than field limit" in summarise(entries)[0]
    assert summarise(entries)[-1] == "2"


def test_bibtex_faults(tmp_path: Path) -> None:
    content = (
        "@misc{a, title={Tin Soldiers}}\n"
        "@misc{b, abstract={x}, abstract={y}}\n"
        "@misc{c, abstract={open\n"
        "@misc{d, abstract={Tin wins.}}\n"
    )
    path = write(tmp_path, content)
    entries = list(read_abstracts([path]))
    assert entries[0] == Unreadable(
        f"{path}:1", "no text: the entry has no abstract", "a", "Tin Soldiers"
    )
    assert summarise(entries)[1:] == [
        "! BibTeX: Duplicate field keys on entry: 'abstract'.",
        "! BibTeX: Unexpectedly reached end of file.",
        "d",
    ]
    assert [entry.source for entry in entries] == [f"{path}:{n}" for n in (1, 2, 3, 4)]


def test_entity_bomb(tmp_path: Path) -> None:
    content = """<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha">
      <!ENTITY b "&a;&a;&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">
      <entry><summary>&b;</summary></entry></feed>"""
    with pytest.raises(InputError, match="XML that declares entities is not read"):
        read_abstracts([write(tmp_path, content)])


def test_atom_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    entry = "<entry><id>x</id><summary>Tin wins.</summary></entry>"
    content = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}<entry><id>'
    entries = list(read_abstracts([write(tmp_path, content)]))
    assert summarise(entries)[0] == "x"
    assert summarise(entries)[1].startswith("! malformed XML after entry 1: ")


def test_damaged_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="not a sound Parquet file, after row 0"):
        read_abstracts([write(tmp_path, b"PAR1 and then nothing like it")])


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "extractor.readers.parquet", raising=False)
    with pytest.raises(ConfigError, match=r"pip install 'claim-extractor\[parquet\]'"):
        read_abstracts([write(tmp_path, b"PAR1")])
    monkeypatch.undo()
    importlib.invalidate_caches()


def test_control_characters_and_surrogates_are_cleaned(tmp_path: Path) -> None:
    line = json.dumps({"id": "a\u0000b", "text": "Tin\u0000 \u001b[31mwins\ud800. \U0001f600"})
    (entry,) = read_abstracts([write(tmp_path, line)])
    assert isinstance(entry, Abstract)
    assert (entry.id, entry.text) == ("a b", "Tin [31mwins\ufffd. \U0001f600")


def test_url_of_another_scheme_is_dropped(tmp_path: Path) -> None:
    line = json.dumps({"text": "Tin wins.", "url": "JavaScript:alert(1)"})
    (entry,) = read_abstracts([write(tmp_path, line)])
    assert isinstance(entry, Abstract)
    assert entry.url is None


def test_folder_is_read_recursively_and_sorted(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("c.jsonl", "b/a.jsonl", "a.JSON.GZ", ".git/x.jsonl", ".hidden.jsonl", "notes.md"):
        content = GOOD.replace("good", name).encode()
        write(tmp_path, gzip.compress(content) if name.endswith("GZ") else content, name)
    assert summarise(list(read_abstracts([tmp_path]))) == ["a.JSON.GZ", "b/a.jsonl", "c.jsonl"]


def test_standard_input_is_named_in_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{GOOD}oops\n".encode())))
    entries = list(read_abstracts(["-"]))
    assert [entry.source for entry in entries] == ["stdin:1", "stdin:2"]
    assert not sys.stdin.closed


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads anything")
def test_file_without_permission(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.chmod(0)
    with pytest.raises(InputError, match="cannot be opened: Permission denied"):
        read_abstracts([path])


def test_error_is_raised_by_the_call_or_never(tmp_path: Path) -> None:
    entries = list(read_abstracts([write(tmp_path, "{oops\n" + '{"nr": 1}\n' * 200, "a.jsonl")]))
    assert summarise(entries)[0].startswith("! not valid JSON")
    assert summarise(entries)[1].startswith("! no key with a text; its keys are: nr;")
    assert len(entries) == 2
