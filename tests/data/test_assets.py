"""The shipped data sets are found."""

import pytest

from multicnn.data.assets import asset
from multicnn.errors import DataError


def test_a_shipped_set_is_found():
    assert (asset("instruments") / "table.csv").is_file()


def test_a_set_that_does_not_ship_is_named():
    with pytest.raises(DataError, match=r"nowhere: this installation lacks the built-in data"):
        asset("nowhere")
