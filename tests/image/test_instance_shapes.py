"""Masks of prototypes come back to the pixels of their own pictures, whatever geometry the net saw them in."""

import numpy as np
import pytest
import torch

from multicnn.image.geometry import geometry
from multicnn.image.instances.draw import tinted
from multicnn.image.instances.shapes import painted, shape, shapes
from multicnn.image.reader import ImageReader
from multicnn.tasks.instances import Outlines
from multicnn.tasks.masked import masks

GIVEN = (90, 150)
TOP, BOTTOM, LEFT, RIGHT = 20, 70, 30, 120


def ellipse(size: tuple[int, int]) -> np.ndarray:
    """In the picture's own pixels."""
    y, x = np.indices(size) + 0.5
    return ((y - 45) / 25) ** 2 + ((x - 75) / 45) ** 2 < 1


def outlines(size: tuple[int, int], resize: str, step: int) -> tuple[Outlines, np.ndarray]:
    """What a net answers that knows the ellipse, and its mask on the net's grid."""
    place = geometry(*GIVEN, size, resize)
    grid = place.mask(ellipse(GIVEN).astype(np.int64), outside=0)
    more = [(0, -n % step) for n in size]
    wide = np.pad(grid.astype(float), more)
    cells = wide.reshape(wide.shape[0] // step, step, wide.shape[1] // step, step).mean((1, 3))
    box = place.points(np.array([[LEFT, TOP], [RIGHT, BOTTOM]])) / size[::-1]
    line = np.array([[0, 0.9, *box.ravel()]], dtype=np.float32)
    maps = ((cells - 0.5) * 12)[None].astype(np.float32)
    cell = np.array([step / size[1], step / size[0]], dtype=np.float32)
    return Outlines(line, np.ones((1, 1), np.float32), maps, cell), grid > 0


@pytest.mark.parametrize("resize", ["pad", "squash", "crop"])
@pytest.mark.parametrize("step", [2, 4])
def test_masks_come_back_to_the_pictures_own_pixels(resize: str, step: int) -> None:
    size = (66, 62)
    found, _ = outlines(size, resize, step)
    (one,) = shapes(found, GIVEN, ImageReader(size=size, channels=1, resize=resize))
    true = ellipse(GIVEN) & geometry(*GIVEN, size, resize).seen()
    said = one.mask()
    assert said.shape == GIVEN
    assert one.area == said.sum()
    assert (said & true).sum() / (said | true).sum() > (0.9 if step == 2 else 0.8)


def test_the_grid_that_is_judged_is_what_is_shown() -> None:
    """A picture of the grid's own size is answered with the mask that the metrics read."""
    found, _ = outlines(GIVEN, "pad", 2)
    (one,) = shapes(found, GIVEN, ImageReader(size=GIVEN, channels=1, resize="pad"))
    judged = masks(*(torch.from_numpy(a) for a in (found.mix, found.prototypes, found.lines[:, 2:])), 2, GIVEN).numpy()
    np.testing.assert_array_equal(one.mask(), judged[0])


def test_a_mask_stays_near_its_box() -> None:
    found, _ = outlines(GIVEN, "pad", 2)
    everywhere = found._replace(prototypes=np.full_like(found.prototypes, 9))
    (one,) = shapes(everywhere, GIVEN, ImageReader(size=GIVEN, channels=1, resize="pad"))
    rows, columns = np.nonzero(one.mask())
    assert (rows.min(), rows.max() + 1) == (TOP - 5, BOTTOM + 5)
    assert (columns.min(), columns.max() + 1) == (LEFT - 9, RIGHT + 9)


def test_better_instances_lie_on_top() -> None:
    first, second = np.zeros((2, 4, 6), dtype=bool)
    first[:2], second[1:] = True, True
    found = painted([first, second], (4, 6))
    assert found.dtype == np.uint16
    assert found[:, 0].tolist() == [1, 1, 2, 2]
    assert shape(first).area == 12


def test_more_instances_than_colours_are_tinted() -> None:
    picture, owner = np.full((1, 1, 600), 100, np.uint8), np.arange(600, dtype=np.uint16)[None]
    colours = tinted(picture, owner)[0]
    assert colours[0].tolist() == [100, 100, 100]
    assert (colours[1] == colours[255]).all()
    assert len({tuple(c) for c in colours[1:255].tolist()}) == 254
