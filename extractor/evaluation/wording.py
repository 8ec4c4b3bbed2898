"""What figures and systems are called where people read them."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from extractor.evaluation.scorecards import SystemProvenance

MAIN_FIGURES: Final = ("soft_f1", "strict_f1", "figures_f1", "detection_f1")
"""The figures that sum a system up."""

SHOWN_FIGURES: Final = (
    *MAIN_FIGURES,
    "detection_precision",
    "detection_recall",
    "soft_precision",
    "soft_recall",
    "figures_precision",
    "figures_recall",
    "soft_f1_macro",
    "strict_f1_macro",
    "figures_f1_macro",
    "grounding",
    "invention",
    "specificity",
)
"""The figures that are listed one by one, besides the accuracy of each field."""


def title_figure(name: str) -> str:
    """Write the name of a figure in words."""
    return name.replace("_f1", " F1").replace("_", " ")


def describe_system(system: "SystemProvenance") -> str:
    """Name a system: the model, and the prompt if it has one."""
    return f"{system.model} ({system.prompt})" if system.prompt else system.model
