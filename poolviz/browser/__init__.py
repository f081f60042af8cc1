"""JavaScript that widgets and saved pages share, and the joining of scripts to modules."""
