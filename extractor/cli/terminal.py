"""Text from outside, made fit for a terminal."""

from extractor.formatting import show_controls

__all__ = ["show_controls"]
