"""Large pictures in tiles: nothing lost, nothing resized, and one answer for the whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multicnn.data.table import Table, asked, strings
from multicnn.errors import UsageError
from multicnn.image.maps import Maps
from multicnn.image.tiles import TileReader, cut, joined, overlapping, plan_masks
from multicnn.tasks import Segment

TILE = 16


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 100), st.sampled_from([16, 20, 32]))
def test_overlapping_tiles_cover_everything(length, tile):
    starts = overlapping(length, tile)
    covered = np.zeros(length + tile, int)
    for start in starts:
        covered[start : start + tile] += 1
    assert covered[:length].min() >= 1
    assert starts[-1] < length
    assert starts[-1] + tile // 2 <= length or len(starts) == 1 or starts[-2] + tile < length


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([16, 24]))
def test_tiles_of_one_function_of_the_place_are_joined_to_that_function(height, width, tile):
    whole = np.random.default_rng(0).random((2, 200, 200)).astype(np.float32)
    tiles = (whole[:, y : y + tile, x : x + tile] for y in overlapping(height, tile) for x in overlapping(width, tile))
    bands = list(joined(tiles, height, width, tile))
    assert np.allclose(np.concatenate(bands, axis=1)[:, :height], whole[:, :height, :width], atol=1e-6)
    assert max(band.shape[1] for band in bands) <= tile


@pytest.fixture
def pair(tmp_path) -> Table:
    """A picture of 40 x 23 pixels whose red channel is its mask, as a table."""
    mask = np.random.default_rng(1).integers(0, 2, (40, 23), np.uint8)
    picture = np.stack([mask * 255, np.arange(40 * 23).reshape(40, 23) % 256, mask], axis=2).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "p.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    names = {"mask": str(tmp_path / "m.png"), "is": {"0": "background", "1": "dot"}}
    return Table(
        name="pair",
        items=strings([tmp_path / "p.png"]),
        ids=strings(["p.png"]),
        classes=("background", "dot"),
        target=np.ones((1, 2), bool),
        answer=strings([json.dumps(names)]),
    )


def test_rows_are_tiles_and_their_masks_lie_on_them(pair):
    reader = TileReader(tile=TILE, background=(9, 9, 9))
    rows, of = cut(pair, reader)
    assert rows.ids.tolist() == ["p.png#0,0", "p.png#0,16", "p.png#16,0", "p.png#16,16", "p.png#32,0", "p.png#32,16"]
    assert of.tolist() == [0] * 6
    assert set(rows.group.tolist()) == {"p.png"}
    read = np.stack([reader(str(item)) for item in rows.items])
    answers = plan_masks(rows, reader)
    masks = np.stack([answers(str(item)) for item in asked(rows).items])
    assert np.array_equal(masks == 1, read[:, 0] == 255)
    assert (read[:, 0][masks == 255] == 9).all()
    assert (masks != 255).sum() == 40 * 23


def test_a_reader_of_tiles_is_rebuilt_from_its_settings():
    reader = TileReader(tile=TILE, channels=1, depth=16, span=(0.0, 2.0))
    assert TileReader(**json.loads(json.dumps(reader.settings()))) == reader


def test_other_readers_leave_the_rows_as_they_are(pair):
    table, of = cut(pair, object())
    assert table is pair
    assert of.tolist() == [0]


def test_the_stitched_answer_of_a_net_of_single_cells_is_that_of_the_whole(pair, tmp_path):
    reader = TileReader(tile=TILE)
    path = tmp_path / "p.png"

    def answers() -> Iterator[np.ndarray]:
        for tile in reader.pieces(path):
            assert tile.shape == reader.shape
            dot = tile[0] / 255 * 0.8 + 0.1
            yield np.stack([1 - dot, dot])

    told = Maps().tell("p", path, reader, Segment(["background", "dot"]), answers())
    true = np.asarray(Image.open(tmp_path / "m.png"))
    assert np.array_equal(told.mask, true)
    assert np.allclose(told.probability, np.where(true == 1, 0.9, 0.1), atol=1e-6)


def test_arrays_are_cut_too(pair, tmp_path):
    reader = TileReader(tile=TILE)
    array = np.asarray(Image.open(tmp_path / "p.png"))
    assert all(
        np.array_equal(a, b) for a, b in zip(reader.pieces(array), reader.pieces(tmp_path / "p.png"), strict=True)
    )


def test_pictures_in_memory_are_not_cut_for_training():
    table = Table("t", np.zeros((1, 8, 8), np.uint8), strings(["0"]), ("a", "b"), np.ones((1, 2), bool))
    with pytest.raises(UsageError, match="--tile 16: the pictures of t are small and in memory"):
        cut(table, TileReader(tile=16))


def test_tiles_too_small_for_any_net_are_refused():
    with pytest.raises(UsageError, match="--tile 8: a net needs to see more"):
        TileReader(tile=8)


def test_a_picture_that_cannot_be_read_is_one_row(pair, tmp_path):
    Path(tmp_path / "p.png").write_bytes(b"")
    assert cut(pair, TileReader(tile=16))[0].ids.tolist() == ["p.png#0,0"]
