import pytest

from extractor.claims import Delta, Quantity
from extractor.evaluation import DEFAULT_RULES
from extractor.evaluation.figures import compare_figures, normalise_figure, scale_unit

EQUAL_UNITS = [
    ("GPU hours", "GPU-hours"),
    ("hours", "h"),
    ("seconds", "s"),
    ("percent", "%"),
    ("percentage points", "points"),
    ("times", "x"),
    ("fold", "x"),
    ("frames per second", "FPS"),
    ("gigabytes", "GB"),
    ("params", "parameters"),
    ("Parcels", "parcel"),
    ("text-image pairs", "text image pair"),
]


def _credit(first: Quantity, second: Quantity) -> float:
    return compare_figures(normalise_figure(first), normalise_figure(second), DEFAULT_RULES)


@pytest.mark.parametrize(("unit", "other"), EQUAL_UNITS)
def test_spelling_of_units_does_not_matter(unit: str, other: str) -> None:
    assert _credit(Quantity(number=3, unit=unit), Quantity(number=3, unit=other)) == 1


@pytest.mark.parametrize(
    ("unit", "other"),
    [("%", "points"), ("%", "x"), ("%", None), ("GB", "hours"), ("parcels", "letters")],
)
def test_kinds_of_units_are_not_mixed_up(unit: str, other: str | None) -> None:
    assert _credit(Quantity(number=3, unit=unit), Quantity(number=3, unit=other)) == 0.3


def test_the_same_quantity_in_another_scale_is_the_same() -> None:
    assert scale_unit("hours") == (3600, "s")
    assert _credit(Quantity(number=0.5, unit="hours"), Quantity(number=30, unit="min")) == 1
    assert _credit(Quantity(number=1.5, unit="GB"), Quantity(number=1500, unit="MB")) == 1
    assert _credit(Quantity(number=0.1, unit="s"), Quantity(number=100, unit="ms")) == 1
    millions = Quantity(number=1.6, unit="million parameters")
    assert _credit(millions, Quantity(number=1600000, unit="parameters")) == 1


@pytest.mark.parametrize(("number", "other"), [(28, 28.4), (128.47, 28.4), (95.2, 95), (5, -5)])
def test_near_numbers_are_wrong_numbers(number: float, other: float) -> None:
    assert _credit(Quantity(number=number), Quantity(number=other)) == 0


def test_binary_rounding_is_no_difference() -> None:
    assert _credit(Quantity(number=0.1 + 0.2), Quantity(number=0.3)) == 1


def test_ranges_qualifiers_and_directions_count() -> None:
    ranged = Quantity(number=31, high=39, unit="%")
    assert _credit(ranged, ranged) == 1
    assert _credit(ranged, Quantity(number=31, unit="%")) == DEFAULT_RULES.open_range
    assert _credit(ranged, Quantity(number=39, unit="%")) == 0
    about = Quantity(number=31, high=39, unit="%", qualifier="about")
    assert _credit(ranged, about) == DEFAULT_RULES.wrong_qualifier
    up, down = (Delta(number=3, unit="x", direction=way) for way in ("increase", "decrease"))
    assert _credit(up, down) == DEFAULT_RULES.wrong_direction


def test_the_sign_of_a_difference_is_its_direction() -> None:
    drop = Delta(number=3, unit="%", direction="decrease")
    assert _credit(Delta(number=-3, unit="%", direction="decrease"), drop) == 1
