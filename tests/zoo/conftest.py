"""Small forms of the members, for tests that take them all."""

from collections.abc import Callable
from typing import Any

import pytest

from multicnn.zoo import Body, build_body

GRIDS = {1: (37,), 2: (16, 21), 3: (12, 14, 13)}
SHORTEST = {"alexnet": 67, "alexnet_torchvision": 63, "inception3": 75, "squeezenet": 17}  # axes, in cells
SHORTEST |= {f"bcresnet{size}": 33 for size in ("1", "1_5", "2", "3", "6", "8")}
SHORTEST |= {"cnn6": 16, "cnn10": 16, "cnn14": 32}
NARROW: dict[str, dict[str, Any]] = {  # by the start of their names
    "resnet": {"width": 4},
    "preresnet": {"width": 4},
    "unet": {"width": 4},
    "fcn_resnet": {"width": 4},
    "fcos": {"width": 4},
    "deeplab": {"width": 4},
    "alexnet": {"width": 12, "units": 16},
    "vgg": {"width": 4, "units": 16},
    "googlenet": {"width": 8},
    "inception3": {"width": 2},
    "bcresnet": {"width": 4},
    "cnn6": {"width": 4},
    "cnn10": {"width": 4},
    "cnn14": {"width": 4},
    "charcnn": {"width": 4, "units": 8, "length": 130},
    "dpcnn": {"width": 8},
    "idcnn": {"width": 8},
}


@pytest.fixture
def small() -> Callable[..., tuple[Body, tuple[int, ...]]]:
    """A narrow form of a member, and the smallest grid that the tests give it."""

    def build(name: str, rank: int, c_in: int = 2) -> tuple[Body, tuple[int, ...]]:
        grid = tuple(max(n, SHORTEST.get(name, 0)) for n in GRIDS[rank])
        settings = next((s for start, s in NARROW.items() if name.startswith(start)), {})
        return build_body(name, rank, c_in, grid, settings), grid

    return build
