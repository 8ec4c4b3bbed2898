"""Assembles an HTML document of templates, styles, scripts and data."""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from extractor.formatting import show_controls

_SHARED = "extractor.reporting"
_THEME_STYLES = ("theme.css", "components.css")
_THEME_SCRIPTS = ("theme.js", "components.js")


@dataclass(frozen=True, slots=True)
class Assets:
    """Style sheets and scripts of a page besides the shared ones, by file name in `assets/`.

    Attributes:
        connect: where scripts may send requests, as a source expression of a content security
            policy.
        package: where `assets/` and `templates/` of the page are.
    """

    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    connect: str = "'none'"
    package: str = _SHARED

    def read_styles(self) -> str:
        """The style sheet of the page, the shared one included."""
        return _join_assets(_SHARED, _THEME_STYLES) + _join_assets(self.package, self.styles)

    def read_scripts(self) -> str:
        """The script of the page, the shared one included."""
        return _join_assets(_SHARED, _THEME_SCRIPTS) + _join_assets(self.package, self.scripts)

    def make_policy(self) -> str:
        """The content security policy of the page."""
        return make_policy(self.read_styles(), self.read_scripts(), self.connect)


def render_page(
    template: str, *, title: str, assets: Assets, data: object = None, **context: object
) -> str:
    """Write a page as one document that needs nothing else.

    Args:
        template: a template in `templates/` that extends `page.html`.
        title: heading of the document; text like every other value.
        assets: what the page adds to the shared styles and scripts.
        data: what scripts find as JSON under the id `data`.
        context: values for the template; they are escaped unless they are `Markup`.
    """
    return (
        _environment(assets.package)
        .get_template(template)
        .render(
            title=title,
            policy=assets.make_policy(),
            styles=Markup(assets.read_styles()),  # noqa: S704 (files of this package)
            scripts=Markup(assets.read_scripts()),  # noqa: S704
            data=None if data is None else embed_json(data),
            **context,
        )
    )


def make_policy(styles: str, scripts: str, connect: str = "'none'") -> str:
    """Write a content security policy that allows one style sheet and one script: these."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash_source(scripts)}",
            f"style-src {_hash_source(styles)}",
            f"connect-src {connect}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def embed_json(data: object) -> Markup:
    """Write data as JSON that no HTML parser takes for markup, its controls made visible."""
    return htmlsafe_json_dumps(
        data,
        dumps=lambda value, **_: show_controls(
            json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        ),
    )


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_SHARED)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
    )


def _show(value: Any) -> Any:
    """Make controls visible in every text that a template prints."""
    return show_controls(value) if type(value) is str else value


def _join_assets(package: str, names: Iterable[str]) -> str:
    return "".join(f"{_read_asset(package, name)}\n" for name in names)


@cache
def _read_asset(package: str, name: str) -> str:
    return (files(package) / "assets" / name).read_text(encoding="utf-8")


def _hash_source(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
