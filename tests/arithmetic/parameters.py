"""Parameters of tests over the tables of recorded runs and their tags."""

from __future__ import annotations

import pytest

from tests.support.recordings import TABLES, VALUE_TAGS

each_table = pytest.mark.parametrize("table", TABLES, ids=str)
each_tag = pytest.mark.parametrize("tag", VALUE_TAGS)
