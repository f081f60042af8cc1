"""The documentation as a site: Sphinx with myst-nb, as `python -m tools.write_site` calls it."""

project = "poolviz"
author = "the poolviz authors"
html_title = "poolviz"
extensions = ["myst_nb", "sphinx_design"]
html_theme = "sphinx_book_theme"
html_theme_options = {
    "repository_url": "https://github.com/poolviz/poolviz",
    "use_repository_button": True,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "navbar_persistent": [],  # the search is in the sidebar already
}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"  # the notebooks have their outputs
# A page has no kernel: it shows the picture and the words of a widget, not its empty place.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_ipywidgets_js: dict[str, object] = {}
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "misc.highlighting_failure"]
