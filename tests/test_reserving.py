"""Questions that one process has reserved."""

import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from extractor.reserving import Reservations

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reserves on Linux only")

KEY = "f" * 64
OTHER = "0" * 64


def test_a_question_is_reserved_for_one_until_it_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "reserved.lock"
    with closing(Reservations(path)) as first, closing(Reservations(path)) as second:
        assert first.take(KEY)
        assert not second.take(KEY)
        assert second.take(OTHER)
        first.give_back(KEY)
        assert second.take(KEY)
        assert not first.take(OTHER)
    assert path.stat().st_size == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_whoever_leaves_gives_everything_back(tmp_path: Path) -> None:
    path = tmp_path / "reserved.lock"
    with closing(Reservations(path)) as first, closing(Reservations(path)) as second:
        assert first.take(KEY)
        first.close()
        assert second.take(KEY)


def test_where_nothing_can_be_reserved_everything_can_be_asked(tmp_path: Path) -> None:
    with closing(Reservations(tmp_path / "nowhere" / "reserved.lock")) as reservations:
        assert reservations.take(KEY)
        reservations.give_back(KEY)
