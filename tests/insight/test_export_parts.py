"""What bundles find with numpy alone, against what the tasks find with torch and compiled loops."""

import ast
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from multicnn.api import MODALITIES, modality
from multicnn.audio import fourier
from multicnn.errors import DataError
from multicnn.insight.export import gate
from multicnn.insight.export.feeding import windows
from multicnn.insight.export.graph import halving
from multicnn.insight.export.source import cut_out
from multicnn.tasks import crf, crf_plain
from multicnn.tasks.detect import MOST, Detect
from multicnn.tasks.suppress import chosen, lifted
from multicnn.zoo.prototypes import laid
from multicnn.zoo.prototypes import lifted as torch_lifted

ALONE = {*sys.stdlib_module_names, "numpy", "onnxruntime", "PIL", "soundfile", "soxr"}
OPTIONAL = {"simplejpeg"}  # asked for, and done without


def shipped() -> Iterator[tuple[str, str, str]]:
    """Modality, task and reader of everything that a bundle can be made of."""
    for name in MODALITIES:
        for task, kind in modality(name).tasks.items():
            yield from ((name, task, reader) for reader in kind.told)


def test_every_task_of_every_reader_can_be_told():
    told = {(name, reader) for name, _, reader in shipped()}
    assert told == {(name, reader) for name in MODALITIES for reader in modality(name).readers}
    assert all(kind.told for name in MODALITIES for kind in modality(name).tasks.values())


@pytest.mark.parametrize(("name", "task", "reader"), [*shipped()])
def test_a_bundle_needs_nothing_but_numpy_and_codecs(name, task, reader):
    home = modality(name)
    told = home.kind(task).told[reader]
    files = cut_out([home.readers[reader], told.rows, DataError], home.instead)
    imported = set()
    for path, source in files.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
            elif isinstance(node, ast.Import):
                imported.update(alias.name.split(".")[0] for alias in node.names)
        compile(source, path, "exec")
    assert imported - {"parts", *OPTIONAL} <= ALONE


def test_places_by_halves_are_those_of_searchsorted():
    random = np.random.default_rng(0)
    for n in (1, 2, 3, 7, 8, 9, 100):
        keys = torch.from_numpy(np.sort(random.integers(0, 50, n)))
        values = torch.from_numpy(random.integers(-2, 52, (4, 30)))
        assert torch.equal(halving(keys, values), torch.searchsorted(keys, values))


@pytest.mark.parametrize("size", [16, 400, 401])
def test_products_with_waves_are_fourier_transforms(size):
    frames = torch.randn(3, 5, size)
    wanted = torch.fft.rfft(frames.double())
    found = fourier.squares(frames, size)
    torch.testing.assert_close(found, torch.view_as_real(wanted).square().float(), rtol=1e-4, atol=1e-3)
    again = fourier.back(wanted.real.float(), wanted.imag.float(), size)
    torch.testing.assert_close(again, frames, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("k", "t"), [(3, 1), (5, 12), (9, 40)])
def test_chains_are_read_as_by_the_compiled_loops(k, t):
    random = np.random.default_rng(t)
    out = random.normal(size=(k, t + k + 2)).astype(np.float32) * 3
    begin, end = torch.tensor([0]), torch.tensor([t])
    assert crf_plain.best_path(out).tolist() == crf.viterbi(torch.from_numpy(out)[None], begin, end)[0].tolist()
    spans = np.array([[a, min(t, a + 2), 1] for a in range(0, t, 3)])
    inside = np.arange(k)
    inside[1::2] = np.minimum(inside[1::2] + 1, k - 1)
    wanted = crf.probabilities(out, spans, inside)
    np.testing.assert_allclose(crf_plain.probabilities(out, spans, inside), wanted, atol=1e-6)


def test_boxes_are_struck_out_as_by_torchvision():
    task = Detect("abc")
    random = torch.Generator().manual_seed(3)
    out = torch.randn(1, 700, 12, generator=random)
    corner = torch.rand(1, 700, 2, generator=random)
    out[..., 4:6], out[..., 6:8] = corner - 0.1, corner + 0.1 + 0.1 * torch.rand(1, 700, 2, generator=random)
    wanted = task.chosen(out)[0].numpy()
    found = chosen(out[0].numpy(), 3, task.overlap, MOST)
    kept = wanted[wanted[:, 0] >= 0]
    assert len(kept) == MOST
    np.testing.assert_allclose(found, kept, atol=1e-6)


def test_prototypes_are_lifted_as_by_torch():
    maps = torch.randn(1, 4, 6, 10)
    rows = laid(maps, 3 * 5 + 4)
    place = torch.cat([torch.full((15, 4), 0.1), torch.full((4, 4), 0.2)])
    place[:15, 1] = torch.arange(3).repeat_interleave(5) / 3
    np.testing.assert_array_equal(lifted(rows[0].numpy(), place.numpy()), torch_lifted(rows, place)[0].numpy())


def test_windows_cover_a_sample_and_end_with_it():
    sample = np.arange(1, 11, dtype=np.int16)
    assert windows(sample, 4).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [7, 8, 9, 10]]
    assert windows(sample[:3], 4).tolist() == [[1, 2, 3, 0]]


def test_answers_agree_up_to_rounding():
    assert gate.agree([["a", "0.5"]], [["a", "0.50001"]])
    assert not gate.agree([["a", "0.5"]], [["b", "0.5"]])
    assert not gate.agree([["a", "0.5"]], [["a", "0.6"]])
    assert not gate.agree([["a"]], [["a"], ["b"]])
    assert gate.apart(np.zeros(2), np.zeros(3)) == float("inf")
    assert gate.apart(np.array([np.nan, 1.0]), np.array([np.nan, 1.5])) == 0.5
