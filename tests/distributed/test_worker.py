"""What an actor does that does not need a cluster."""

from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs Ray: the extra `ray`")

from extractor.distributed.worker import Assignment, _open_pipeline, name_machine
from extractor.settings import Settings


@pytest.mark.parametrize("is_head", [True, False])
def test_each_machine_has_a_cache_of_its_own(tmp_path: Path, is_head: bool) -> None:
    head = name_machine() if is_head else "another machine"
    settings = Settings(model="m", base_url="http://127.0.0.1:9/v1", cache_dir=tmp_path)
    pipeline = _open_pipeline(Assignment(settings, "run-1", tmp_path, head, None, None))
    assert pipeline.run_id == "run-1"
    caches = {path.parent for path in tmp_path.rglob("cache.db")}
    assert caches == {tmp_path if is_head else tmp_path / "machines" / name_machine()}
