"""Speech apart from drums: a voice and drum kits that were never heard, at 8 kHz.

    apt-get download hydrogen-drumkits && dpkg -x hydrogen-drumkits_*.deb kits
    python recipes/audio/separate_speech_drums.py FSDD kits --work work --seeds 3

FSDD: the folder of `recordings/DIGIT_SPEAKER_INDEX.wav` (github.com/Jakobovski/free-spoken-digit-dataset).
kits: where Debian's package lies unpacked (14 kits, each under a free licence of its own). work: where the stems are
written and the runs go. Speech is digits of one speaker in a row, drums are rhythms of some sounds of one kit, both of
the same power. Four speakers and nine kits are learnt from, a fifth speaker and two kits choose the weights, the sixth
and three kits are the test. In training the stems are dealt anew in every batch, -5 to 5 dB apart, and moved. Printed:
the mean improvement of SI-SDR over both stems, also by librosa's median filters (the harmonic part is the speech), and
the processor's seconds of training.

Measured on one of 2 busy cores with AVX512-BF16, no GPU, seed 0:
10.14 dB over 100 test mixtures (95 % interval 9.61 to 10.68), speech 10.17, drums 10.10, SDR as
MDX counts it 10.57 dB; the mixture itself 0, median filters -3.03 dB. 524 s of the processor, all told. Other seeds
are not yet measured.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RATE = 8000  # Hz
SECONDS = 4
TRACKS = {"train": 400, "val": 40, "test": 100}
SPEAKERS = {"train": ("george", "jackson", "lucas", "nicolas"), "val": ("theo",), "test": ("yweweler",)}
HELD = {  # kits; the three of Millo are alike, so that they stay together in training
    "val": ("ForzeeStereo", "HardElectro1"),
    "test": ("BJA_Pacific", "ElectricEmpireKit", "The Black Pearl 1.0"),
}
LEVEL = 0.08  # root mean square of each stem
PAUSE = 0.4  # s between two digits, at most
BEATS = (70, 160)  # a minute
VOICES = (3, 6)  # sounds of a kit in a rhythm, the last number not taken
SEED = 1
NETS: dict[str, dict[str, Any]] = {
    "unet": {
        "model": {"name": "unet", "width": 12, "depth": 4, "norm": "batch"},
        "frontend": {"name": "invertible"},
    },
    "convtasnet": {
        "model": {
            "name": "convtasnet", "kernel": 32, "filters": 128, "width": 64, "hidden": 128, "depth": 6, "repeats": 2,
        },
        "frontend": {"name": "waveform"},
    },
}  # fmt: skip


def main() -> None:
    args = arguments()
    data = args.work / "tracks"
    if not data.exists():
        made(args.fsdd, args.kits, data)
    print("| separated by | SI-SDR improvement, dB | speech | drums | SDR (MDX), dB | processor, s |")
    print("|---|---|---|---|---|---|")
    runs = [trained(data, args, seed) for seed in range(args.seeds)]
    rows = [(run.metrics, seconds) for run, seconds in runs]
    print(f"| {args.net}, {runs[0][0].parameters:,} parameters | " + " | ".join(spread(rows)) + " |")
    print(f"| median filters (librosa) | {' | '.join(f'{v:.2f}' for v in filtered(data / 'test'))} | |")


def trained(data: Path, args: argparse.Namespace, seed: int) -> tuple[Any, float]:
    """A run, and the processor's seconds it took with all that belongs to it."""
    from multicnn import audio
    from multicnn.cli.console import Console

    start = time.process_time()
    run = audio.train(
        data, task="separate", seed=seed, epochs=args.epochs, limit=args.limit, out=args.work / f"{args.net}-{seed}",
        overwrite=True, settings=settings(args.net), voice=Console(as_json=False, quiet=False, lines_to_stderr=True),
    )  # fmt: skip
    return run, time.process_time() - start


def settings(net: str) -> dict[str, Any]:
    """What is not the default."""
    return {
        **NETS[net],
        "task": {"mask": "sigmoid"},
        "train": {"batch_size": 8, "lr": 2e-3, "weight_decay": 0.01},
        "augment": {"remix": {"db": 2.5}, "polarity": {}, "slide": {}},
    }


METRICS = ("si_sdr_improvement", "si_sdr_improvement_speech", "si_sdr_improvement_drums", "sdr_mdx")


def spread(rows: list[tuple[dict[str, float], float]]) -> Iterator[str]:
    """Mean and deviation over the seeds."""
    columns = [*([found[m] for found, _ in rows] for m in METRICS), [seconds for _, seconds in rows]]
    for digits, values in zip((2, 2, 2, 2, 0), columns, strict=True):
        deviation = f" +- {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
        yield f"{statistics.fmean(values):.{digits}f}{deviation}"


def made(fsdd: Path, kits: Path, data: Path) -> None:
    """data/PART/TRACK/{speech,drums}.wav"""
    import numpy as np
    import soundfile

    banks = shared(kits)
    for part, tracks in TRACKS.items():
        words = {s: digits(fsdd, s) for s in SPEAKERS[part]}
        beats = {kit: hits(kit) for kit in banks[part]}
        for number in range(tracks):
            rng = np.random.default_rng([SEED, [*TRACKS].index(part), number])
            folder = data / part / f"{part}-{number:03}"
            folder.mkdir(parents=True)
            speaker, kit = rng.choice(sorted(words)), sorted(beats)[int(rng.integers(len(beats)))]
            stems = {"speech": speech(rng, words[speaker]), "drums": rhythm(rng, beats[kit])}
            for name, sound in stems.items():
                even = sound * LEVEL / max(1e-4, float(np.sqrt(np.mean(sound**2))))
                soundfile.write(folder / f"{name}.wav", even, RATE, subtype="FLOAT")


def shared(kits: Path) -> dict[str, list[Path]]:
    """The kits of each part."""
    found = sorted(p.parent for p in kits.rglob("drumkit.xml"))
    held = {part: [kit for kit in found if kit.name in names] for part, names in HELD.items()}
    return {"train": [kit for kit in found if not any(kit in some for some in held.values())], **held}


def digits(fsdd: Path, speaker: str) -> list[Any]:
    """What a speaker has said."""
    import soundfile

    files = sorted(fsdd.rglob(f"*_{speaker}_*.wav"))
    return [soundfile.read(file, dtype="float32")[0] for file in files]


def hits(kit: Path) -> list[Any]:
    """The sounds of a kit at the rate, by their names."""
    from soxr import resample

    from multicnn.audio.datasets.suffixes import SUFFIXES
    from multicnn.audio.decode import decode

    files = sorted(p for p in kit.iterdir() if p.suffix.lower() in SUFFIXES)
    return [resample(sound, rate, RATE, quality="HQ") for sound, rate in map(decode, files)]


def speech(rng: Any, words: list[Any]) -> Any:
    """Digits one after the other, with short pauses."""
    import numpy as np

    out, at = np.zeros(SECONDS * RATE, np.float32), int(rng.uniform(0, PAUSE) * RATE)
    while at < len(out):
        word = words[int(rng.integers(len(words)))]
        out[at : at + len(word)] += word[: len(out) - at]
        at += len(word) + int(rng.uniform(0, PAUSE) * RATE)
    return out


def rhythm(rng: Any, sounds: list[Any]) -> Any:
    """A bar of 16 steps over and over: of each of some sounds, the steps on which it is hit, and how hard."""
    import numpy as np

    out, step = np.zeros(SECONDS * RATE, np.float32), 15 * RATE / rng.uniform(*BEATS)
    for k in rng.choice(len(sounds), int(rng.integers(*VOICES)), replace=False):
        every = int(rng.choice([1, 2, 4, 8]))
        loud = rng.uniform(0.2, 1.0, 16) * (np.arange(16) % every == int(rng.integers(every)))
        hit = sounds[k] / max(1e-4, float(np.abs(sounds[k]).max()))
        for number in range(int(len(out) / step) + 1):
            at = round(number * step)
            part = hit[: max(0, len(out) - at)] * np.float32(loud[number % 16])
            out[at : at + len(part)] += part
    return out


def filtered(test: Path, size: int = 128) -> list[float]:
    """What median filters reach on spectra of `size` samples, the best on validation. Fitzgerald 2010, 13th DAFx.

    The harmonic part is the speech, the percussive one the drums.
    """
    import librosa
    import numpy as np
    import soundfile
    import torch

    from multicnn.tasks import Separate

    task, judged = Separate(["drums", "speech"]), []
    for folder in sorted(test.iterdir()):
        stems = np.stack([soundfile.read(folder / f"{name}.wav", dtype="float32")[0] for name in task.classes])
        spectrum = librosa.stft(stems.sum(0), n_fft=size)
        harmonic, percussive = librosa.decompose.hpss(spectrum)
        both = [librosa.istft(part, n_fft=size, length=stems.shape[1]) for part in (percussive, harmonic)]
        judged.append(task.judge(torch.from_numpy(np.stack(both)[None]), torch.from_numpy(stems[None])).numpy()[0])
    found = task.metrics(np.stack(judged), np.zeros(len(judged)))
    return [found[m] for m in METRICS]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fsdd", type=Path, help="folder of the spoken digits")
    parser.add_argument("kits", type=Path, help="folder of the unpacked package hydrogen-drumkits")
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder of the stems and the runs")
    parser.add_argument("--net", choices=sorted(NETS), default="unet")
    parser.add_argument("--seeds", type=int, default=3, help="runs, with seeds 0, 1, ...")
    parser.add_argument("--epochs", type=int, default=12, help="times through 400 tracks of 4 s")
    parser.add_argument("--limit", type=int, help="training tracks; for a quick try")
    return parser.parse_args()


if __name__ == "__main__":
    main()
