"""From files to steps of numbers: gaps, times, channels, windows; and the front-end behind them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.image import imread

from multicnn.audio import FRONTENDS
from multicnn.audio.plan import baseline, defaults, plan_reader
from multicnn.audio.reader import SoundReader
from multicnn.audio.series import Series, SeriesReader
from multicnn.audio.series.plan import plan_series
from multicnn.audio.series.steps import even, resampled
from multicnn.audio.show import draw
from multicnn.data.batches import Batches
from multicnn.data.store import open_store, pack
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.train.feed import Resident
from multicnn.zoo import inceptiontime
from multicnn.zoo.heads import Pooled
from multicnn.zoo.net import Net


def table_of(paths: list[Path]) -> Table:
    return Table("walks", strings(paths), strings(p.name for p in paths), ("a",), np.zeros(len(paths), np.int64))


def saved(folder: Path, *arrays: Any) -> Table:
    paths = [folder / f"{n}.npy" for n in range(len(arrays))]
    for path, array in zip(paths, arrays, strict=True):
        np.save(path, array)
    return table_of(paths)


def sheets(folder: Path, *texts: str) -> Table:
    paths = [folder / f"{n}.csv" for n in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return table_of(paths)


def plan(table: Table, **asked: Any) -> SeriesReader:
    return plan_series(table, np.arange(len(table)), **asked)


READER = SeriesReader(channels=2, steps=10)


def test_gaps_are_filled_on_straight_lines(tmp_path):
    nan = np.nan
    table = saved(tmp_path, np.array([[nan, 1], [2, 3], [nan, nan], [4, 5], [nan, 5]]))
    np.testing.assert_allclose(plan(table)(table.items[0]), [[2, 1], [2, 3], [3, 4], [4, 5], [4, 5]])
    assert "1 of 1 series looked at lack 4 numbers (40 %), filled on straight lines" in plan(table).said


def test_a_line_across_a_gap_goes_by_the_times(tmp_path):
    table = sheets(tmp_path, "time,x\n0,0\n1,\n4,4\n5,5\n6,6\n7,7\n")
    np.testing.assert_allclose(plan(table)(table.items[0])[:, 0], np.arange(8), atol=1e-6)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        ([[1, np.nan], [2, np.nan]], "channel 1 holds no number; mend it, or leave the file out"),
        ([[1, np.inf], [2, 3]], "step 0 of channel 1 is infinite"),
        ([[1, 1e39], [2, 3]], r"step 0 of channel 1 is 1e\+39, too large for float32"),
        ([[1, 2, 3], [4, 5, 6]], "has 3 channels, the model reads 2; bring it to them"),
        ([1, 2], "has 1 channel, the model reads 2"),
    ],
)
def test_what_no_net_can_read_is_named(tmp_path, array, says):
    table = saved(tmp_path, np.array(array, dtype=np.float64))
    with pytest.raises(DataError, match=f"0.npy.* {says}"):
        READER(table.items[0])


def test_channels_are_found_by_their_names(tmp_path):
    table = sheets(tmp_path, "x,y\n1,2\n", "y,x,z\n5,4,6\n", "x,z\n1,2\n", "1,2\n")
    reader = plan(table)
    assert reader.names == ("x", "y")
    assert reader(table.items[1]).tolist() == [[4, 5]]
    assert reader(table.items[3]).tolist() == [[1, 2]]  # a file without names
    with pytest.raises(DataError, match=r"2.csv has 2 channels \(x, z\), the model reads 2 \(x, y\)"):
        reader(table.items[2])


def test_a_user_may_choose_channels(tmp_path):
    table = sheets(tmp_path, "x,y,z,label\n1,2,3,a\n")
    reader = plan(table, channels=["z", "x"])
    assert reader(table.items[0]).tolist() == [[3, 1]]
    assert "column label is no channel and left out" in reader.said
    with pytest.raises(UsageError, match=r"reader.channels: the files have no channel 'w'; they have x, y, z"):
        plan(table, channels=["w"])


@pytest.mark.parametrize(
    ("shapes", "axes", "why"),
    [
        ([(7, 12), (9, 12)], "tc", "all have 12 columns"),
        ([(12, 7), (12, 9)], "ct", "all have 12 rows"),
        ([(6, 100), (6, 100)], "ct", "the longer axis is time"),
        ([(100, 6)], "tc", "the longer axis is time"),
        ([(6, 6)], "tc", "the longer axis is time"),
    ],
)
def test_the_axis_that_is_time_follows_from_all_arrays_and_is_said(tmp_path, shapes, axes, why):
    table = saved(tmp_path, *(np.zeros(s) for s in shapes))
    reader = plan(table)
    assert reader.axes == axes
    assert any(why in line and "reader.axes=" in line for line in reader.said)
    first = shapes[0]
    assert reader(table.items[0]).shape == (first if axes == "tc" else first[::-1])


def test_a_user_may_name_the_axes(tmp_path):
    table = saved(tmp_path, np.zeros((100, 6)))
    assert plan(table, axes="ct")(table.items[0]).shape == (6, 100)
    with pytest.raises(UsageError, match="axes of the reader is 'xy'; write tc"):
        plan(table, axes="xy")
    with pytest.raises(UsageError, match="axes of the reader is 'xy'; write tc"):
        SeriesReader(channels=1, steps=1, axes="xy")


def clock(step: float, n: int) -> str:
    return "time,x\n" + "".join(f"{i * step:.3f},{i * step:.3f}\n" for i in range(n))


def test_files_of_another_rate_become_the_commonest(tmp_path):
    table = sheets(tmp_path, clock(0.02, 51), clock(0.02, 51), clock(0.01, 101))
    reader = plan(table)
    assert reader.rate == 50
    assert "1 of 3 series have uneven times or another rate and become 50 Hz" in reader.said
    for item in table.items:
        np.testing.assert_allclose(reader(item)[1:-1, 0], np.arange(51)[1:-1] * 0.02, atol=1e-6)
    assert plan(table, sample_rate=10).steps == 11


def test_times_that_only_a_clock_rounded_are_left_alone(tmp_path):
    rows = "".join(f"{i / 60:.3f},{i % 2}\n" for i in range(60))  # 60 Hz in milliseconds
    table = sheets(tmp_path, "time,x\n" + rows)
    reader = plan(table)
    assert reader.rate == pytest.approx(60, rel=0.001)
    assert reader(table.items[0])[:, 0].tolist() == [i % 2 for i in range(60)]


def test_fewer_steps_are_means_so_that_nothing_fast_comes_back_as_something_slow():
    times = np.arange(0, 10, 0.01)
    fast = np.sin(2 * np.pi * 9.9 * times)[:, None]  # would be 0.1 Hz at 10 Hz
    assert np.abs(resampled(fast, times, 10.0)[1:-1]).max() < 0.1
    slow = np.sin(2 * np.pi * 0.2 * times)[:, None]
    np.testing.assert_allclose(resampled(slow, times, 10.0)[:, 0], np.sin(2 * np.pi * 0.02 * np.arange(100)), atol=0.08)


def test_uneven_times_are_told_from_even_ones():
    assert even(np.arange(5) / 10, 10)
    assert even(np.zeros(1), 10)
    assert not even(np.arange(5) / 10, 11)
    assert not even(np.array([0, 0.1, 0.25, 0.3]), 10)


def test_windows_follow_the_training_series(tmp_path):
    assert plan(saved(tmp_path, np.zeros((30, 2)), np.zeros((30, 2)))).steps == 30
    varying = saved(tmp_path, np.zeros((30, 2)), np.zeros((40, 2)))
    assert plan(varying).steps == 50  # a quarter more than the longest
    assert plan(varying, steps=20).steps == 20
    assert plan(varying, sample_rate=10, seconds=1.5).steps == 15
    assert "longer series are heard in windows of 20 steps" in " ".join(plan(varying, steps=20).said)
    assert plan(saved(tmp_path, np.zeros((5_000, 2)))).steps == 2_000


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"seconds": 1.0}, "--seconds: these series do not tell their rate; add --sample-rate"),
        ({"seconds": 1.0, "steps": 3}, "seconds is 1.0 and reader.steps 3, both the length"),
        ({"seconds": 0.01, "sample_rate": 10}, "seconds is 0.01; a window must hold a step at least"),
        ({"steps": 0}, "a window of 0 steps; it must hold one at least"),
        ({"sample_rate": -1}, "sample rate is -1 Hz; it must be above 0"),
    ],
)
def test_windows_that_cannot_be_are_refused(tmp_path, asked, says):
    with pytest.raises(UsageError, match=says):
        plan(saved(tmp_path, np.zeros((30, 2))), **asked)


def test_a_set_of_which_nothing_can_be_read_says_why(tmp_path):
    with pytest.raises(DataError, match=r"0.csv: the file is empty"):
        plan(sheets(tmp_path, ""))
    with pytest.raises(DataError, match="walks: no training series"):
        plan_series(saved(tmp_path, np.zeros((3, 2))), np.zeros(0, np.int64))


def test_settings_of_the_other_kind_of_sample_are_refused(tmp_path, tone_file):
    with pytest.raises(UsageError, match="no setting of reader of sounds named 'steps'"):
        plan_reader(table_of([tone_file]), np.arange(1), steps=3)
    assert isinstance(plan_reader(table_of([tone_file]), np.arange(1), sample_rate=8_000), SoundReader)
    assert isinstance(plan_reader(saved(tmp_path, np.zeros((3, 2))), np.arange(1), steps=3), SeriesReader)


def test_a_reader_comes_back_from_its_settings(tmp_path):
    table = sheets(tmp_path, clock(0.02, 51))
    reader = plan(table)
    again = SeriesReader(**reader.settings())
    assert again == replace(reader, said=())
    assert (again.step, again.window, again.cell, again.labels) == (0.02, 51, (1,), ["x"])
    assert READER.labels == ["channel 0", "channel 1"]


def test_series_lie_end_to_end_in_the_store_and_come_back(tmp_path):
    series = [np.arange(2.0 * n).reshape(n, 2) for n in (3, 1, 5)]
    table = saved(tmp_path, *series)
    reader = plan(table)
    for _ in range(2):  # decoded, then from the cache
        store = open_store(table, reader)
        assert store.values.shape == (9, 2)
        assert [store[row].tolist() for row in range(3)] == [s.tolist() for s in series]
    assert pack([s.astype(np.float32) for s in series], reader).values.shape == (9, 2)


def test_an_unreadable_series_leaves_nothing_in_the_store(tmp_path):
    table = saved(tmp_path, np.zeros((3, 2)), np.zeros((3, 5)), np.ones((2, 2)))
    store = open_store(table, READER)
    assert list(store.bad) == [1]
    assert store[1].shape == (0, 2)
    assert store[2].tolist() == [[1, 1], [1, 1]]


def batch(*lengths: int, window: int, channels: int = 3) -> torch.Tensor:
    random = np.random.default_rng(0)
    items = [random.standard_normal((n, channels)).astype(np.float32) * [1, 5, 0.1] + [0, 100, 3] for n in lengths]
    reader = SeriesReader(channels=channels, steps=window)
    store = pack([i.astype(np.float32) for i in items], reader)
    rows = np.arange(len(items))
    return next(Batches(store, rows, rows, len(items), window=window).epoch()).x


def test_what_stands_behind_a_series_is_no_number():
    x = batch(4, 2, window=5)
    assert x.shape == (2, 5, 3)
    assert x.isnan().sum((1, 2)).tolist() == [3, 9]


def fitted(*batches: torch.Tensor) -> Series:
    front = Series(SeriesReader(channels=batches[0].shape[2], steps=9))
    front.fit(batches)
    return front


def test_statistics_count_no_padding():
    x = batch(50, 20, 1, window=60)
    steps = x[~x[..., 0].isnan()].double().numpy()
    front = fitted(x[:2], x[2:])
    np.testing.assert_allclose(front.mean.numpy(), steps.mean(0), rtol=1e-6)
    np.testing.assert_allclose(front.scale.numpy(), steps.std(0), rtol=1e-6)


def test_a_grid_has_a_channel_that_ends_with_the_series():
    x = batch(4, 2, window=5)
    grid = fitted(x)(x)
    assert grid.shape == (2, 4, 5)
    assert grid.isfinite().all()
    assert grid[:, 3].tolist() == [[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]]
    assert not grid[1, :, 2:].any()


def test_a_series_that_rests_at_its_mean_is_no_padding():
    x = torch.full((2, 5, 2), 7.0)
    grid = fitted(x)(x)
    assert not grid[:, :2].any()
    assert grid[:, 2].all()


def test_a_constant_channel_with_a_large_offset_is_not_blown_up():
    random = torch.Generator().manual_seed(0)
    x = torch.stack([torch.full((4, 50), 1e6), 1e4 + torch.randn(4, 50, generator=random)], dim=2)
    front = fitted(x)
    assert front.scale[0] == 1
    np.testing.assert_allclose(front.scale[1], x[..., 1].double().std(correction=0), rtol=1e-4)


def test_an_answer_is_the_same_alone_unpadded_and_in_a_padded_batch():
    torch.manual_seed(0)
    x = batch(9, 4, 1, window=12)
    body = inceptiontime(1, 4, width=4, bottleneck=4, kernels=(3, 5))
    net = Net(fitted(x), body, Pooled(body.channels, 3)).eval()
    with torch.no_grad():
        alone = torch.cat([net(row[None, :end]) for row, end in zip(x, (9, 4, 1), strict=True)])
        torch.testing.assert_close(net(x), alone, rtol=1e-5, atol=1e-5)


def test_the_seconds_of_a_cell_are_those_of_a_step():
    assert Series(SeriesReader(channels=1, steps=1, rate=50)).step == 0.02
    assert Series(READER).step == 1.0
    assert FRONTENDS["series"] is Series


def test_the_baseline_tells_series_apart_by_their_course(tmp_path):
    random = np.random.default_rng(0)
    ramps = [np.linspace(0, s, 20)[:, None] + 0.1 * random.standard_normal((20, 1)) for s in [1, -1] * 20]
    table = replace(saved(tmp_path, *ramps), target=np.arange(40) % 2, classes=("up", "down"))
    reader = plan(table)
    name, answer = baseline(reader, table, np.arange(30), np.arange(30, 40), lambda row: reader(table.items[row]))
    assert name == "summaries + logistic regression"
    assert answer.argmax(1).tolist() == [0, 1] * 5
    several = replace(table, target=np.stack([table.target == 0, table.target == 1], axis=1))
    _, answer = baseline(reader, several, np.arange(30), np.arange(30, 40), lambda row: reader(table.items[row]))
    assert (answer > 0.5).argmax(1).tolist() == [0, 1] * 5
    assert defaults(table, reader, 30)["frontend"]["name"] == "series"


@pytest.mark.parametrize("shape", [(50, 3), (1, 1), (20, 15)])
def test_a_series_is_drawn_with_its_answer(tmp_path, shape):
    series = np.random.default_rng(0).standard_normal(shape)
    draw(series, SeriesReader(channels=shape[1], steps=9, rate=50), tmp_path / "a.png", answer="walk $1 100 %")
    assert imread(tmp_path / "a.png").std() > 0


def test_a_device_gathers_the_same_batches_as_the_memory():
    random = np.random.default_rng(0)
    items = [random.standard_normal((n, 2)).astype(np.float32) for n in (7, 3, 12)]
    store, rows = pack(items, READER), np.arange(3)
    batches = Batches(store, rows, rows, 8, window=5)
    entries = batches.plan()[0]
    assert store.offsets is not None
    here = Resident(torch.from_numpy(store.values), torch.from_numpy(store.offsets))
    gathered = here.gather(entries, 5)
    torch.testing.assert_close(gathered, batches.gather(entries, True, 3).x, rtol=0, atol=0, equal_nan=True)
    assert len(entries) == 6  # 7 and 12 steps in two and three windows


def test_the_order_of_steps_is_that_of_the_file_in_training_windows():
    ramp = np.arange(30, dtype=np.float32)[:, None] * [1, 10]
    store = pack([ramp.astype(np.float32)] * 4, READER)
    rows = np.arange(4)
    batches = Batches(store, rows, rows, 4, training=True, window=5)
    first, again = next(batches.epoch(3)).x, next(batches.epoch(3)).x
    assert torch.equal(first, again)
    assert (first.diff(dim=1) == torch.tensor([1, 10])).all()
    assert len({float(x[0, 0]) for x in first}) > 1
