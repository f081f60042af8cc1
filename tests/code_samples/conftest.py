"""The samples are texts: pytest does not import them."""

collect_ignore_glob = ["*.py"]
