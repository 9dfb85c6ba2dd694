"""How Sphinx shows the pages that antsibull-docs writes into build/docs/rst (`make docs`)."""

from __future__ import annotations

project = "webcallserver.aws"
title = "Web Call Server fleets on AWS"
html_title = title
html_short_title = title
extensions = ["sphinx_ansible_theme", "sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_static_path = ["static"]
html_css_files = ["wcs.css"]
html_theme_options = {
    "collapse_navigation": True,
    "navigation_depth": 2,
    "topbar_links": {},
    "documentation_home_url": "index.html",
    "vcs_pageview_mode": "",
}
suppress_warnings = ["ref.ref"]  # pages of ansible-core and amazon.aws are not built here
