"""The documentation site (``make docs``): the pages of ``docs``, and the docstrings of public names.

Nothing on it comes from elsewhere: no fonts, no analytics, no script but the theme's own and its search, which works
from disk.
"""

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

import countersign

project = "Countersign"
author = "The Countersign authors"
version = release = countersign.__version__
language = "en"
root_doc = "docs/site/index"
include_patterns = ["*.md", "docs/**"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
html_theme = "furo"
html_title = "Countersign"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
# Shown as they are.
lexers["csv"] = lexers["mermaid"] = TextLexer()
