from pathlib import Path

import pytest

from extractor.distributed.parts import open_folder
from extractor.errors import StoreError


def test_one_run_at_a_time_writes_into_a_folder(tmp_path: Path) -> None:
    target = str(tmp_path / "out")
    with open_folder(target), pytest.raises(StoreError, match="another run is writing"):
        open_folder(target).__enter__()
    with open_folder(target) as folder:
        assert folder.is_dir()


def test_what_goes_wrong_elsewhere_is_not_put_down_to_the_folder(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), open_folder(str(tmp_path / "out")):
        raise BrokenPipeError
    with open_folder(str(tmp_path / "out")) as folder:
        assert folder.is_dir()
