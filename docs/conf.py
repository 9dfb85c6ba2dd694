"""How Sphinx shows the pages that antsibull-docs writes into build/docs/rst (`make docs`)."""

from __future__ import annotations

project = "webcallserver.aws"
extensions = ["sphinx_antsibull_ext"]
html_theme = "alabaster"
html_theme_options = {"description": "Web Call Server fleets on AWS", "page_width": "68rem", "sidebar_width": "16rem"}
suppress_warnings = ["ref.ref"]  # pages of ansible-core and amazon.aws are not built here
