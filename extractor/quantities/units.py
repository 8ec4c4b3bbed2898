"""Units of measurement: how they are printed, their short form and their kind."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

UnitKind = Literal["percent", "points", "ratio", "physical", "bare"]

_SHORT_FORMS = {
    "%": ("percent", "per cent", "\\%"),
    "points": (
        *("point", "percentage points", "percentage point", "% points", "%p", "pp", "p.p."),
        *("pts", "pt", "absolute", "absolute points", "absolute %", "% absolute"),
    ),
    "x": ("times", "time", "fold", "×", "\\times", "factor"),
    "parameters": ("parameter", "params", "param"),
    "tokens": ("token",),
    "tokens/s": ("token/s", "tok/s", "toks/s", "tokens/sec", "tokens/second", "tokens per second"),
    "images/s": ("image/s", "img/s", "imgs/s", "images/sec", "images per second"),
    "samples/s": ("sample/s", "samples/sec", "samples per second"),
    "FPS": ("frames/s", "frames per second", "frame/s", "frames/sec"),
    "GPU-hours": ("gpu hours", "gpu-hour", "gpu hour", "gpu-h", "gpuh"),
    "GPU-days": ("gpu days", "gpu-day", "gpu day"),
    "TPU-hours": ("tpu hours", "tpu-hour", "tpu hour"),
    "GPUs": ("gpu",),
    "TPUs": ("tpu",),
    "CPUs": ("cpu",),
    "ms": ("millisecond", "milliseconds", "msec"),
    "µs": ("μs", "us", "usec", "microsecond", "microseconds"),
    "ns": ("nanosecond", "nanoseconds"),
    "s": ("second", "seconds", "sec", "secs"),
    "minutes": ("minute", "min", "mins"),
    "hours": ("hour", "h", "hr", "hrs"),
    "days": ("day",),
    "weeks": ("week",),
    "months": ("month",),
    "years": ("year",),
    "bits": ("bit",),
    "bytes": ("byte",),
    "KB": (),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "KiB": (),
    "MiB": (),
    "GiB": (),
    "FLOPs": ("flop",),
    "MFLOPs": ("mflop",),
    "GFLOPs": ("gflop",),
    "TFLOPs": ("tflop", "teraflops", "teraflop"),
    "PFLOPs": ("pflop", "petaflops", "petaflop"),
    "EFLOPs": ("exaflops", "exaflop"),
    "GMACs": (),
    "MACs": (),
    "Hz": ("hertz",),
    "kHz": (),
    "MHz": (),
    "GHz": (),
    "W": ("watt", "watts"),
    "mW": (),
    "kW": (),
    "MW": (),
    "J": ("joule", "joules"),
    "mJ": (),
    "kJ": (),
    "kWh": ("kilowatt-hours",),
    "V": ("volt", "volts"),
    "mV": ("millivolt", "millivolts"),
    "kV": (),
    "eV": (),
    "meV": (),
    "keV": (),
    "MeV": (),
    "GeV": (),
    "TeV": (),
    "mA": (),
    "dB": ("decibel", "decibels"),
    "mm": ("millimetres", "millimeters"),
    "cm": ("centimetres", "centimeters"),
    "m": ("metres", "meters"),
    "km": ("kilometres", "kilometers"),
    "nm": ("nanometres", "nanometers"),
    "µm": ("μm",),
    "kg": ("kilograms",),
    "g": ("grams",),
    "mg": ("milligrams",),
    "ml": ("millilitres", "milliliters"),
    "mmol": (),
    "mmHg": (),
    "kcal/mol": (),
    "ppm": (),
    "°C": ("degrees celsius",),
    "degrees": ("°", "degree"),
    "bpp": (),
    "USD": ("$", "dollars", "dollar", "us$", "usd"),
    "EUR": ("€", "euros", "euro"),
}
_CANONICAL = {
    spelling.lower(): short
    for short, spellings in _SHORT_FORMS.items()
    for spelling in (*spellings, short)
}
_RELATIVE: dict[str, UnitKind] = {"%": "percent", "points": "points", "x": "ratio"}
# These differ by case alone, so they are looked up before case is folded.
_CASED = {short: short for short in ("mW", "MW", "meV", "MeV", "mm", "m", "MB", "Mb")}
# Units of one letter are told from words by their case.
_CASE_BOUND = {"s": "s", "h": "hours", "m": "m", "g": "g", "W": "W", "J": "J", "V": "V"}
_LOADED = (
    *("%", "points", "x", "$", "USD", "EUR", "€", "us", "us$", "factor", "absolute", "time"),
    *_CASE_BOUND,
)


def _spell(units: Collection[str]) -> str:
    """Write spellings as one pattern that finds the longest; a blank may be a hyphen, or so.

    What spellings begin with in common stands in the pattern once: trying two hundred of them
    one after the other, only to find no unit at all, is most of the work on a bare number.
    """
    endings: dict[str, set[str]] = {}
    for unit in units:
        endings.setdefault(unit[:1].replace("-", " "), set()).add(unit[1:])
    choices = [
        ("[ -]" if first == " " else re.escape(first)) + _spell(endings[first])
        for first in sorted(endings, reverse=True)
        if first
    ]
    if "" in endings:
        choices.append("")
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"


_WORDS = {
    spelling.lower()
    for short, spellings in _SHORT_FORMS.items()
    if short not in {"%", "points", "x", "parameters", "USD", "EUR"}
    for spelling in (short, *spellings)
    if spelling not in _LOADED and spelling not in {"°"}
}

# What may stand between a number and its unit, and the unit itself. The groups tell the kinds
# apart, since only some of them let other words come between ("2.1 perplexity points").
UNIT_AFTER = re.compile(
    rf"""
    (?P<percent_points>\s?\\?%[ ]?(?:points?|absolute|p\b)
        |[ -]?(?:percentage|percent|absolute)[ -]points?\b|\s?(?:pp|p\.p\.|pts)(?!\w))
    |(?P<percent>\s?\\?%|[ -]per[ ]?cent(?!\w|age))
    |(?P<ratio>\s?(?:[xX×](?![\w×])|\$?\\?times\b\$?|-times\b|-?[ ]?folds?\b))
    |(?P<points>[ -](?:[A-Za-z][\w@-]{{0,40}}[ ]){{0,2}}?points?\b)
    |(?P<hours>[ -](?:\w{{1,40}}[ ])??
        (?:GPU|[AHVT]\d{{2,3}}s?(?:[ ]GPU)?|TPU(?:v\d)?|RTX[ ]?\d{{4}})
        [ -](?P<span>hours?|days?)\b)
    |(?P<parameters>[ -](?:(?!and\b|or\b|to\b)[a-z][a-z-]{{0,40}}[ ]){{0,2}}?
        (?:parameters?|params?)\b)
    |(?P<word>[ -]?(?i:{_spell(_WORDS)})(?![\w/])
        |[ ]?(?:{"|".join(_CASE_BOUND)})(?![\w/'’.-]\w|\w)|us(?!\w))
    |(?P<degree>[ ]?°)
    |(?P<dollars>[ ](?:US[ ])?(?:dollars?|USD)\b)
    """,
    re.VERBOSE,
)


# "by a factor of 3", where the unit stands before its number.
FACTOR_BEFORE = re.compile(r"\bfactors?[ ]of[ ](?:[a-z]{1,40}[ ]){0,2}[~$]?$")

_NAMED = {
    "percent_points": "points",
    "percent": "%",
    "ratio": "x",
    "points": "points",
    "parameters": "parameters",
    "degree": "degrees",
    "dollars": "USD",
}


def read_unit(match: re.Match[str]) -> str:
    """Give the short form of a unit that `UNIT_AFTER` found."""
    if match["span"]:
        device = "TPU" if "TPU" in match["hours"] else "GPU"
        return f"{device}-{match['span'].rstrip('s')}s"
    return _NAMED.get(match.lastgroup or "") or normalise_unit(match["word"].strip(" -")) or ""


def normalise_unit(unit: str | None) -> str | None:
    """Bring a unit into its short form: "GPU hours" is "GPU-hours", "seconds" is "s".

    Returns:
        None for no unit; an unknown unit, such as a counted thing, as it came.
    """
    if unit is None or unit in _SHORT_FORMS:
        return unit
    unit = " ".join(unit.split())
    return _CASED.get(unit) or _CASE_BOUND.get(unit) or _CANONICAL.get(unit.lower()) or unit or None


def are_related(unit: str | None, other: str | None) -> bool:
    """Tell whether two units share a part, as "hours" and "GPU-hours" or "GB" and "GiB" do."""
    first, second = (
        set(re.split(r"[-/]", (normalise_unit(name) or "").replace("iB", "B")))
        for name in (unit, other)
    )
    return not first.isdisjoint(second)


def mentions_unit(text: str, unit: str | None) -> bool:
    """Tell whether a text holds a unit in any of its spellings, with or without a number."""
    short = normalise_unit(unit)
    return short is not None and _compile_mention(short).search(text) is not None


@lru_cache(maxsize=256)
def _compile_mention(short: str) -> re.Pattern[str]:
    spellings = {short, *_SHORT_FORMS.get(short, ())} - {"time"}
    # Letters that could as well be words count in their own case only.
    exact = {spelling for spelling in spellings if len(spelling) < 3}
    choices = [_spell(exact)] if exact else []
    choices += [rf"(?i:{_spell(spellings - exact)})"] if spellings - exact else []
    return re.compile(rf"(?<![^\W\d_]|['’])(?:{'|'.join(choices)})(?![^\W\d_])")


def unit_kind(unit: str | None) -> UnitKind:
    """Sort a unit, in any spelling, into the kinds that cannot stand for one another.

    Returns:
        "bare" for no unit and for counted things ("bugs", "languages"), "physical" for units
        of measurement and for parameters, tokens and devices.
    """
    short = normalise_unit(unit)
    return _RELATIVE.get(short or "") or ("physical" if short in _SHORT_FORMS else "bare")
