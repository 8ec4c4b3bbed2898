"""What a shell learns from a finished command."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, the same for every command."""

    DONE = 0
    CHECK_FAILED = 1
    WRONG_USE = 2
    SOME_FAILED = 3
    INTERRUPTED = 130
