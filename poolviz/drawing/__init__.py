"""Pictures: a scene without matplotlib, painters, output formats."""
