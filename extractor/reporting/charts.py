"""Charts as SVG that takes its colours from the page, drawn without a network."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring
from markupsafe import Markup

from extractor.errors import ConfigError
from extractor.formatting import show_controls

if TYPE_CHECKING:
    from altair import Chart

Row = Mapping[str, Any]

_WIDTH = 320
_BAR_STEP = 21
_LABEL_LIMIT = 130
_FACTOR_TICKS = [-1000, -100, -10, -3, 0, 3, 10, 100, 1000]
_OUTCOME_COLOURS = {
    "better": "var(--chart-2)",
    "worse": "var(--chart-3)",
    "similar": "var(--chart-4)",
    "mixed": "var(--chart-4)",
    "reported": "var(--chart-5)",
}
_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = {"svg", "g", "path", "line", "text", "rect", "circle", "defs", "clipPath"}
_ATTRIBUTES = {
    *("viewBox", "width", "height", "transform", "d", "x", "y", "x1", "x2", "y1", "y2"),
    *("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"),
    *("stroke-linecap", "opacity", "text-anchor", "font-size", "font-weight", "clip-path", "id"),
    *("display", "r", "cx", "cy"),
}
_REFERENCE = re.compile(r"url\(#(\w+)\)|^(clip\d+)$")


def draw_outcomes(counts: Mapping[str, int]) -> Markup | None:
    """Draw how many claims have each outcome; None if there is nothing to draw."""
    rows = [{"name": name, "claims": counts[name]} for name in _OUTCOME_COLOURS if counts.get(name)]
    return _draw_bars(rows, "How many claims have each outcome", _OUTCOME_COLOURS)


def draw_ranking(counts: Sequence[tuple[str, int]], title: str) -> Markup | None:
    """Draw names with the number of claims about each, in their order."""
    rows = [{"name": show_controls(name), "claims": count} for name, count in counts]
    return _draw_bars(rows, title, None)


def draw_deltas(deltas: Mapping[str, Sequence[float]], unit: str) -> Markup | None:
    """Draw every difference of each metric as a dot, with a tick at their median.

    Args:
        deltas: by metric; a decrease is negative.
        unit: what they are counted in.
    """
    if not deltas:
        return None
    alt = _import_altair()
    rows = [
        {"metric": show_controls(metric), "delta": delta}
        for metric, values in deltas.items()
        for delta in values
    ]
    metrics = [show_controls(metric) for metric in deltas]
    y = alt.Y("metric:N", sort=metrics, title=None)
    # Factors reach from a half to thousands.
    is_factor = unit == "times"
    scale = alt.Scale(type="symlog") if is_factor else alt.Scale()
    ticks = {"values": _FACTOR_TICKS} if is_factor else {"tickCount": 5}
    axis = alt.Axis(format=",.4~r", **ticks)
    base = alt.Chart(alt.Data(values=rows))
    dots = base.mark_circle(size=38, color="var(--chart-1)", opacity=0.6).encode(
        x=alt.X("delta:Q", title=f"difference in {unit}", scale=scale, axis=axis), y=y
    )
    medians = base.mark_tick(color="var(--ink)", thickness=2, size=14).encode(
        x=alt.X("median(delta):Q"), y=y
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="var(--line-strong)")
    chart = alt.layer(zero.encode(x="zero:Q"), dots, medians)
    return _render(chart.properties(width=_WIDTH, height=alt.Step(_BAR_STEP)), f"Deltas in {unit}")


def draw_history(rows: Sequence[Row], measure: str) -> Markup | None:
    """Draw a figure of several score cards over time, with its interval.

    Args:
        rows: `created` in ISO 8601, `system`, and `value`, `low` and `high` in percent.
        measure: what the figure is called.
    """
    if not rows:
        return None
    alt = _import_altair()
    systems = sorted({row["system"] for row in rows})
    colours = [f"var(--chart-{1 + place % 5})" for place in range(len(systems))]
    shown = [{**row, "system": show_controls(row["system"])} for row in rows]
    colour = alt.Color(
        "system:N",
        scale=alt.Scale(domain=[show_controls(name) for name in systems], range=colours),
        legend=alt.Legend(title=None, orient="bottom", columns=1, labelLimit=300),
    )
    axis = alt.Axis(tickCount=4, labelOverlap="greedy")
    x = alt.X("created:T", title=None, scale=alt.Scale(type="utc"), axis=axis)
    y = alt.Y("value:Q", title=measure, scale=alt.Scale(domain=[0, 100]))
    base = alt.Chart(alt.Data(values=shown)).encode(x=x, color=colour)
    chart = alt.layer(
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(y="low:Q", y2="high:Q"),
        base.mark_line(strokeWidth=1.5).encode(y=y),
        base.mark_circle(size=50, opacity=1).encode(y=y),
    )
    return _render(chart.properties(width=400, height=180), f"{measure} over time")


def _draw_bars(rows: Sequence[Row], title: str, colours: Mapping[str, str] | None) -> Markup | None:
    if not rows:
        return None
    alt = _import_altair()
    names = [row["name"] for row in rows]
    most = max(row["claims"] for row in rows)
    y = alt.Y("name:N", sort=names, title=None)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("claims:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.15 * most])), y=y
    )
    if colours is None:
        bars = base.mark_bar(color="var(--chart-1)", height=13)
    else:
        fills = alt.Scale(domain=names, range=[colours[name] for name in names])
        bars = base.mark_bar(height=13).encode(color=alt.Color("name:N", scale=fills, legend=None))
    numbers = base.mark_text(align="left", dx=4, color="var(--ink)", fontSize=12).encode(
        text=alt.Text("claims:Q", format=",")
    )
    chart = alt.layer(bars, numbers).properties(width=_WIDTH, height=alt.Step(_BAR_STEP))
    return _render(chart, title)


def _import_altair() -> Any:
    try:
        import altair  # noqa: PLC0415
        import vl_convert  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigError(
            "charts need altair and vl-convert: pip install 'claim-extractor[report]'"
        ) from error
    return altair


def _render(chart: "Chart", title: str) -> Markup:
    import vl_convert  # noqa: PLC0415

    styled = chart.configure(
        background="transparent", padding=2, aria=False, autosize={"type": "fit-x"}
    )
    styled = styled.configure_view(stroke=None).configure_axis(
        labelColor="var(--ink)",
        titleColor="var(--muted)",
        gridColor="var(--line)",
        domain=False,
        ticks=False,
        labelFontSize=12,
        titleFontSize=11,
        titleFontWeight="normal",
        labelLimit=_LABEL_LIMIT,
        labelPadding=6,
    )
    styled = styled.configure_legend(labelColor="var(--ink)", labelFontSize=12)
    return _clean_svg(vl_convert.vegalite_to_svg(styled.to_dict()), title)


def _clean_svg(svg: str, title: str) -> Markup:
    """Keep the shapes and texts of a drawing; nothing that runs, links or styles.

    Its ids are made its own, because several drawings share one page.
    """
    root = fromstring(svg)
    prefix = f"{re.sub(r'[^a-z0-9]+', '-', title.lower())}-"
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.removeprefix(f"{{{_SVG}}}") not in _ELEMENTS:
                parent.remove(child)
        parent.attrib = {
            name: _REFERENCE.sub(lambda match: _own(match, prefix), value)
            for name, value in parent.attrib.items()
            if name in _ATTRIBUTES
        }
        parent.tag = parent.tag.removeprefix(f"{{{_SVG}}}")
    root.attrib.update({"role": "img", "aria-label": title, "class": "chart"})
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 (serialised by ElementTree)


def _own(match: re.Match[str], prefix: str) -> str:
    return f"url(#{prefix}{match[1]})" if match[1] else f"{prefix}{match[2]}"
