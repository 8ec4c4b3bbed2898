"""Which tests of a run side by side stay together."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

# A cluster costs more to start than all of its tests take.
_TOGETHER = ("tests/cli/test_ray.py",)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out single tests, but the tests of some files to one worker."""

    def _split_scope(self, nodeid: str) -> Any:
        file = nodeid.partition("::")[0]
        return file if file in _TOGETHER else nodeid
