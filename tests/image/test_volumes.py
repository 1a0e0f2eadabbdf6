"""Volumes: NIfTI and arrays, their values, sizes and parts; blocks of large ones; classified and segmented."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn import image
from multicnn.data.table import Table, asked, strings
from multicnn.errors import DataError, UsageError
from multicnn.image import cubes
from multicnn.image.cube import back, crop, pad, renumber, resample, squash
from multicnn.image.cubes import CubeReader, joined, starts
from multicnn.image.datasets.segments import open_segments
from multicnn.image.plan import plan_reader
from multicnn.image.segmenting import plan_reader as plan_segment
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader
from multicnn.image.voxels import VoxelReader

nibabel = pytest.importorskip("nibabel")
RANDOM = np.random.default_rng(0)


def table_of(items: np.ndarray) -> Table:
    n = len(items)
    return Table("set", items, strings(range(n)), ("a",), np.zeros(n, np.int64))


def nifti(path: Path, voxels: np.ndarray, affine: np.ndarray | None = None) -> Path:
    """x y z"""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4) if affine is None else affine), path)
    return path


def test_resample_is_pillows_kernel_on_every_slice() -> None:
    volume = RANDOM.integers(0, 256, (1, 40, 60, 1), dtype=np.uint8)
    x = torch.from_numpy(volume[0, ..., 0].astype(np.float32))[None, None]
    expected = F.interpolate(x, (16, 20), mode="bilinear", antialias=True)[0, 0].numpy()
    assert np.abs(resample(volume, (1, 16, 20), "squash")[0, ..., 0] - expected).max() <= 1


def test_enlarging_is_torchs_trilinear() -> None:
    volume = RANDOM.normal(size=(5, 6, 7, 2)).astype(np.float32)
    x = torch.from_numpy(volume).permute(3, 0, 1, 2)[None]
    expected = F.interpolate(x, (10, 9, 14), mode="trilinear")[0].permute(1, 2, 3, 0).numpy()
    assert np.allclose(resample(volume, (10, 9, 14), "squash"), expected, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(2, 20), min_size=3, max_size=3), st.lists(st.integers(2, 20), min_size=3, max_size=3))
def test_a_mask_lands_where_its_volume_does(given_size: list[int], size: list[int]) -> None:
    """The numbers are those of the cells that the way's own scale and offset name."""
    numbers = np.arange(np.prod(given_size)).reshape(given_size)
    for name, way in (("crop", crop), ("pad", pad), ("squash", squash)):
        out = renumber(numbers, size, name)
        for place in np.ndindex(*size):
            old = [int(np.floor((i + 0.5 - o) / s)) for i, (s, o) in zip(place, way(given_size, size), strict=True)]
            inside = all(0 <= i < n for i, n in zip(old, given_size, strict=True))
            assert out[place] == (numbers[tuple(old)] if inside else 255)


def test_an_answer_goes_back_to_where_its_volume_was() -> None:
    """Halves told apart in the net's grid are told apart in the volume; what crop cut off was not seen."""
    volume = np.zeros((20, 30, 40, 1), dtype=np.uint8)
    volume[:, :, 20:] = 200
    for way, seen_share in (("pad", 1.0), ("squash", 1.0), ("crop", 20 * 20 * 20 / volume.size)):
        maps = resample(volume, (16, 16, 16), way)[None, ..., 0] > 100
        out, seen = back(maps.astype(np.float32), volume.shape[:3], way)
        assert np.array_equal((out[0] > 0.5)[seen], (volume[..., 0] > 100)[seen])
        assert seen.mean() == pytest.approx(seen_share)


def test_nifti_volumes_have_the_same_axes_whatever_the_scanner_wrote(tmp_path: Path) -> None:
    voxels = RANDOM.integers(0, 256, (5, 6, 7), dtype=np.uint8)
    straight = nifti(tmp_path / "a.nii", voxels)
    other = nifti(tmp_path / "b.nii.gz", voxels[::-1].transpose(1, 0, 2), np.array(
        [[0, -1, 0, 4], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float))  # fmt: skip
    reader = VolumeReader(size=(7, 6, 5), depth=8)
    assert np.array_equal(reader(str(straight))[0], voxels.transpose(2, 1, 0))
    assert np.array_equal(reader(str(other)), reader(str(straight)))


def test_numbers_become_16_bits_by_the_range_of_the_training_part(tmp_path: Path) -> None:
    ct = RANDOM.integers(-1000, 3000, (4, 8, 8, 8), dtype=np.int16)
    items = strings(nifti(tmp_path / f"{i}.nii", ct[i]) for i in range(4))
    reader = plan_reader(table_of(items), np.arange(3))
    assert reader.settings()["span"] == [ct[:3].min(), ct[:3].max()]
    low, high = float(ct[:3].min()), float(ct[:3].max())
    expected = np.rint((ct[3].clip(low, high).transpose(2, 1, 0) - low) / (high - low) * 65535)
    assert np.array_equal(reader(items[3])[0], expected)
    assert type(reader)(**json.loads(json.dumps(reader.settings()))) == reader


def test_far_outliers_of_floats_do_not_squeeze_the_rest() -> None:
    volumes = RANDOM.normal(size=(3, 20, 20, 20)).astype(np.float32)
    volumes[0, 0, 0, 0] = 1e6
    reader = plan_reader(table_of(volumes), np.arange(3), kind="volume")
    assert 3 < reader.settings()["span"][1] < 20


def test_an_array_of_three_long_axes_is_a_volume_and_of_few_channels_a_picture(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((20, 20, 20), np.uint8))
    np.save(tmp_path / "b.npy", np.zeros((20, 20, 3), np.uint8))
    assert isinstance(plan_reader(table_of(strings([tmp_path / "a.npy"])), np.arange(1)), VolumeReader)
    assert plan_reader(table_of(strings([tmp_path / "b.npy"])), np.arange(1)).shape == (3, 20, 20)
    both = strings([tmp_path / "a.npy", tmp_path / "b.npy"])
    with pytest.raises(DataError, match="0 is a volume and 1 a picture"):
        plan_reader(table_of(both), np.arange(2))


def test_a_setting_of_another_kind_is_refused(tmp_path: Path) -> None:
    table = table_of(strings([nifti(tmp_path / "a.nii", np.zeros((8, 8, 8), np.uint8))]))
    with pytest.raises(UsageError, match="no setting of reader of a volume named 'frames'"):
        plan_reader(table, np.arange(1), frames=4)
    with pytest.raises(UsageError, match="a volume has three"):
        plan_reader(table, np.arange(1), image_size=[8, 9])


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (np.zeros((4, 4)), "not a volume"),
        (np.zeros((4, 4, 4, 2), np.uint8), "2 channels where 1 are read"),
        (np.full((4, 4, 4), np.nan), r"the value at \[0, 0, 0, 0\] is nan"),
        ("missing.nii", "no such file"),
        ("a.jpg", "not a volume, which is one of .nii"),
    ],
)
def test_what_is_no_volume_is_named(item: np.ndarray | str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        VolumeReader(
            size=(4, 4, 4),
            span=(0, 1) if item is not None and not isinstance(item, str) and item.dtype.kind == "f" else None,
        )(item)


def test_a_part_of_a_volume_is_its_slices(tmp_path: Path) -> None:
    volume = RANDOM.integers(0, 256, (9, 8, 7), dtype=np.uint8)
    np.save(tmp_path / "a.npy", volume)
    assert np.array_equal(VolumeReader(size=(3, 8, 7), depth=8)(f"{tmp_path}/a.npy#2:5")[0], volume[2:5])
    block = CubeReader(tile=(8, 8, 8), depth=8)(f"{tmp_path}/a.npy#2:9,1:8,0:7")
    assert np.array_equal(block[0, :7, :7, :7], volume[2:9, 1:8])
    assert not block[0, 7:].any()
    with pytest.raises(DataError, match="the part 2:12 of axis 0, which has 9 slices"):
        VolumeReader(size=(3, 8, 7))(f"{tmp_path}/a.npy#2:12")


def test_overlapping_blocks_answer_for_the_whole_volume() -> None:
    """A network that answers each voxel by itself answers the same in blocks."""
    volume = RANDOM.integers(0, 256, (19, 30, 33), dtype=np.uint8)
    reader = CubeReader(tile=(8, 16, 16), depth=8)
    answers = (np.stack([b[0] * 1.0, 255.0 - b[0]]) for b in reader.pieces(volume))
    out = joined(answers, volume.shape, reader.tile)
    assert np.allclose(out, np.stack([volume * 1.0, 255.0 - volume]), atol=1e-3)
    covered = np.zeros((19 + 8, 30 + 16, 33 + 16), bool)
    for z, y, x in starts(volume.shape, reader.tile):
        covered[z : z + 8, y : y + 16, x : x + 16] = True
    assert covered[:19, :30, :33].all()


def scenes(folder: Path, n: int, side: int = 16) -> Path:
    """Noise with a bright box in it, and where the box is."""
    for i in range(n):
        voxels, mask = RANDOM.normal(size=(side,) * 3), np.zeros((side,) * 3, np.uint8)
        x, y, z = RANDOM.integers(0, side // 2, 3)
        mask[x : x + side // 2, y : y + side // 2, z : z + side // 2] = 1
        nifti(folder / "images" / f"{i:02}.nii.gz", (voxels + 6 * mask).astype(np.float32))
        nifti(folder / "masks" / f"{i:02}.nii.gz", mask)
    return folder


def test_blocks_and_their_masks_cover_a_volume_once(tmp_path: Path) -> None:
    table = open_segments(scenes(tmp_path / "set", 6, side=20))
    reader = plan_segment(table, np.arange(6), tile=[8, 16, 16])
    rows, of = cubes.cut(table, reader)
    assert np.array_equal(np.unique(of), np.arange(6))
    masks = cubes.plan_voxels(rows, reader)
    got = np.stack([masks(item) for item in asked(rows).items])
    assert (got[of == 2] != 255).sum() == 20**3
    truth = np.asarray(nibabel.load(tmp_path / "set/masks/02.nii.gz").dataobj)
    assert (got[of == 2] == 1).sum() == truth.sum()


def test_one_volume_is_dealt_by_slabs(tmp_path: Path) -> None:
    table = open_segments(scenes(tmp_path / "set", 1, side=24))
    assert len(table) == 8
    assert [str(i).rpartition("#")[2] for i in table.items[:2]] == ["0:3", "3:6"]
    truth = np.asarray(nibabel.load(tmp_path / "set/masks/00.nii.gz").dataobj)
    assert np.array_equal(table.target[:, 1], [truth[..., 3 * i : 3 * i + 3].any() for i in range(8)])


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (np.zeros((4, 4, 5), np.uint8), r"a mask of \(5, 4, 4\) voxels for a volume of \(4, 4, 4\)"),
        (np.full((4, 4, 4), 9, np.uint8), "value 9 is no class"),
        (np.full((4, 4, 4), 0.5, np.float32), "a mask with fractions, such as 0.5"),
    ],
)
def test_a_mask_that_does_not_fit_is_named(tmp_path: Path, mask: np.ndarray, reason: str) -> None:
    volume, file = nifti(tmp_path / "a.nii", np.zeros((4, 4, 4), np.uint8)), nifti(tmp_path / "m.nii", mask)
    answer = json.dumps({"mask": str(file), "is": {"0": "rest", "1": "box"}})
    reader = VoxelReader(classes=("rest", "box"), size=(4, 4, 4), resize="pad")
    with pytest.raises(DataError, match=reason) as error:
        reader(f"{volume}\0{answer}")
    assert str(file) in str(error.value)


def test_volumes_are_segmented_whole_and_in_blocks(tmp_path: Path) -> None:
    data = scenes(tmp_path / "set", 10, side=12)
    small = {"model": {"name": "unet", "width": 4, "depth": 2, "norm": "batch"}, "augment": {}}
    for name, reader in (("whole", {}), ("blocks", {"tile": 8})):
        run = image.train(
            data,
            task="segment",
            epochs=12,
            batch_size=2,
            lr=0.01,
            precision="fp32",
            out=tmp_path / name,
            settings={**small, "reader": reader},
        )
        assert run.metrics["dice_mean"] > 0.85
        [told] = run.predict([str(data / "images" / "00.nii.gz")])
        truth = np.asarray(nibabel.load(data / "masks" / "00.nii.gz").dataobj).transpose(2, 1, 0)
        assert (told.mask == truth).mean() > 0.9
        kept = run.outcome.keep(told, tmp_path / name)
        written = nibabel.load(tmp_path / name / kept.mask)
        assert np.array_equal(np.asarray(written.dataobj).transpose(2, 1, 0), told.mask)


def test_volumes_are_classified(tmp_path: Path) -> None:
    for label, axis in (("across", 0), ("along", 2)):
        for i in range(16):
            voxels = RANDOM.normal(size=(8, 8, 8)).astype(np.float32)
            place: list[int | slice] = [int(n) for n in RANDOM.integers(1, 7, 3)]
            place[axis] = slice(None)
            voxels[tuple(place)] += 6
            nifti(tmp_path / "set" / label / f"{i}.nii.gz", voxels)
    run = image.train(tmp_path / "set", model="compact", epochs=10, batch_size=4, out=tmp_path / "run")
    assert run.metrics["accuracy"] > 0.9
    assert run.predict([str(tmp_path / "set/along/0.nii.gz")])[0].label == "along"
    assert not isinstance(run.trained.reader, VideoReader)
