"""The picture of one layer as frozen values; no matplotlib."""
