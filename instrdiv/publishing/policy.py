"""What a page may do, told to the browser: a Sphinx extension that `_config.yml` names.

No page sends anything anywhere, shows what another host serves, or changes where its links lead,
whatever found its way into it. Comments, which `_config.yml` may switch on, are the one exception.
"""

from typing import Any

from sphinx.application import Sphinx

POLICY = {
    "default-src": "'none'",
    # Inline: the theme chooses light or dark before anything is drawn, and each chart and widget
    # brings its data in a script of its own. Eval: Vega compiles a chart's expressions; its
    # interpreter, which would do without, is not in the bundle of vl-convert.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    # Inline: Altair, Vega's SVG and pandas' tables style themselves.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",  # icons of the theme; the picture as which a chart is saved
    "font-src": "'self' data:",
    "worker-src": "'none'",  # else scripts' sources count for it
    "form-action": "'self'",  # the search field opens the page of results
    "base-uri": "'none'",
}
"""Directives of a Content-Security-Policy. What it does not name, such as requests by scripts,
objects and frames, is not allowed at all."""

COMMENTS = {
    "script-src": "https://hypothes.is https://cdn.hypothes.is",
    "style-src": "https://cdn.hypothes.is",
    "frame-src": "https://hypothes.is https://cdn.hypothes.is",
}
"""What hypothes.is needs besides: its own scripts and styles, and the frame that it draws in."""


def meta_tag(comments: bool = False) -> str:
    """The policy as an element for the head of a page, before any script.

    Args:
        comments: whether readers may annotate pages by hypothes.is.

    >>> meta_tag().startswith('<meta http-equiv="Content-Security-Policy" content="default-src')
    True
    >>> "hypothes.is" in meta_tag(), "frame-src https://hypothes.is" in meta_tag(comments=True)
    (False, True)
    """
    more = COMMENTS if comments else {}
    allowed = {
        name: f"{POLICY.get(name, '')} {more.get(name, '')}".strip() for name in POLICY | more
    }
    content = "; ".join(f"{name} {sources}" for name, sources in allowed.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this when it loads the extension."""
    app.connect("html-page-context", _add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _add(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    comments = bool(app.config.comments_config.get("hypothesis"))
    context["metatags"] = meta_tag(comments) + context.get("metatags", "")
