"""A run that several tests look at."""

from collections.abc import Iterator

import pytest

from multicnn import image
from multicnn.verbs.run import Run


@pytest.fixture(scope="session")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A network that has learnt a little of real scans, and is too little sure of it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("calibrate")
        patch.setenv("MULTICNN_CACHE", str(folder / "cache"))
        quick = {"epochs": 2, "limit": 200, "model": "cnn1", "precision": "fp32", "device": "cpu"}
        yield image.train("digits", out=folder / "run", **quick)
