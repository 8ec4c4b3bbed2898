"""The error tree: every error that this package raises on purpose."""


class ExtractorError(Exception):
    """Base of all errors raised by this package."""


class ConfigError(ExtractorError):
    """Settings that cannot work: no key, an unknown model, an option out of range."""


class InputError(ExtractorError):
    """A source that cannot be read: not found, wrong encoding, binary, malformed."""


class PromptError(ExtractorError):
    """A prompt folder that is missing or incomplete."""


class StoreError(ExtractorError):
    """An output that cannot be written or read; it stops a run, the cache keeps the answers."""


class TransientStoreError(StoreError):
    """A fault of a store that may pass: connection lost, server restarted, lock held.

    Attributes:
        fault: what is wrong, without what to do about it.
    """

    def __init__(self, fault: str, advice: str = "") -> None:
        super().__init__(f"{fault}; {advice}" if advice else fault)
        self.fault = fault


class ModelError(ExtractorError):
    """A request to a model that brought no answer."""


class TransientModelError(ModelError):
    """A fault that may pass: rate limit, server error, lost connection, an empty answer.

    Attributes:
        retry_after_s: seconds that the server asked to wait, if it did.
        refused: whether the server is there and asks for fewer requests.
        unreachable: whether no server answers there at all.
    """

    def __init__(
        self,
        message: str,
        retry_after_s: float | None = None,
        *,
        refused: bool = False,
        unreachable: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.refused = refused
        self.unreachable = unreachable


class PermanentModelError(ModelError):
    """A fault of this one request that will not pass: too long, rejected by the server."""


class ModelAccessError(ModelError):
    """A fault of every request: wrong key, no permission, no credit, unknown model.

    It stops a run.
    """


class ModeRefusedError(ModelError):
    """The server does not know this way of asking for structured output."""


class RunStoppedError(ExtractorError):
    """The run was told to stop before this was asked."""


class BudgetReachedError(ExtractorError):
    """The run has spent what it may; it stops, and a later one can go on."""


class OutputError(ExtractorError):
    """An answer that came, was paid for, and cannot be used."""


class RefusedError(OutputError):
    """The model refused to answer."""


class ContentFilteredError(OutputError):
    """The provider's content filter withheld the answer."""


class TruncatedError(OutputError):
    """The answer was cut off at its length limit."""


class InvalidAnswerError(OutputError):
    """The answer is not JSON that fits the schema."""
