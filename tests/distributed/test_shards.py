from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs Ray: the extra `ray`")

from extractor.distributed.shards import ShardSource
from extractor.readers import ReadOptions


def test_a_file_that_is_named_twice_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("papers").mkdir()
    Path("papers/a.jsonl").write_text('{"id": "a", "text": "FooNet wins."}\n')
    source = ShardSource(["papers", "papers/a.jsonl"], ReadOptions())
    assert len(source.get_read_tasks()) == 1
