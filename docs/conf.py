"""Sphinx's settings for the site. Build it with `sphinx-build -W docs docs/_build/html`; nothing is fetched."""

import importlib.metadata
import importlib.resources
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.fileutil import copy_asset

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "Chainrule"
author = copyright = "The Chainrule authors"
release = importlib.metadata.version("chainrule")
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "units",
    "command_help",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

# The notebooks keep the outputs that `chainrule build` stored.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

# One page per module, each with every public name.
autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say more than the signatures
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
default_role = "py:obj"
add_module_names = False

html_theme = "furo"
html_title = "Chainrule"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f4e8c", "color-brand-content": "#1f4e8c"},
    "dark_css_variables": {"color-brand-primary": "#9cc4ff", "color-brand-content": "#9cc4ff"},
}

# MathJax 3 comes with a Python package and is served by the site: one file, what it loads when a formula or a reader's
# choice in its menu asks for it, and the English words of its reader-aloud.
MATHJAX = importlib.resources.files("sphinx-mathjax-offline") / "static" / "mathjax"
MATHJAX_PARTS = ["tex-svg.js", "input/tex/extensions", "a11y", "sre/mathmaps/base.json", "sre/mathmaps/en.json"]
mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {"options": {"enableAssistiveMml": True}}


def copy_mathjax(app: Sphinx, failure: Exception | None) -> None:
    """Put MathJax into the built site."""
    if failure is None:
        for part in MATHJAX_PARTS:
            source, target = Path(str(MATHJAX)) / part, app.outdir / "_static" / "mathjax" / part
            copy_asset(source, target if source.is_dir() else target.parent)


def setup(app: Sphinx) -> None:
    """Connect what this file defines."""
    app.connect("build-finished", copy_mathjax)
