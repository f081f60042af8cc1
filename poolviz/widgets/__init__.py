"""Floor 3: the only place with traitlets, ipywidgets and anywidget."""
