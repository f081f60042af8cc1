"""Pictures of networks, comparisons and size maps as frozen values; no matplotlib."""
