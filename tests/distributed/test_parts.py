from pathlib import Path

import pytest

from extractor.distributed.parts import open_folder
from extractor.errors import ConfigError, StoreError


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


@pytest.mark.parametrize("name", ["run.v2", "run.v2/", "claims.db/", "there.db"])
def test_a_folder_may_have_a_dot_in_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.db").mkdir()
    with open_folder(f"{tmp_path}/{name}") as folder:
        assert folder == tmp_path / name.rstrip("/")
        assert folder.is_dir()


@pytest.mark.parametrize("name", ["claims.db", "claims.jsonl.gz", "there", "there/"])
def test_the_name_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(ConfigError, match="use -o NAME/"):
        open_folder(f"{tmp_path}/{name}").__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize("url", ["postgresql://me:tiger@host/lab", "sqlite:///claims"])
def test_a_database_is_refused_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="use -o NAME/") as caught:
        open_folder(url).__enter__()
    assert "tiger" not in str(caught.value)
    assert not list(tmp_path.iterdir())
