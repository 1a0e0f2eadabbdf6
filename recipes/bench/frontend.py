"""What log-mel spectra and cepstra cost a clip, beside librosa clip by clip and torchaudio in batches.

    python recipes/bench/frontend.py
    python recipes/bench/frontend.py --turns 15 --batch 32

Noise of several lengths and rates becomes levels in dB of mel bands, 80 dB below each clip's loudest at most, or 20
cepstra of them: ours in a batch, as training has it; librosa clip by clip, as it takes them; torchaudio in the same
batch, and clip by clip. All of them with the same numbers (Slaney's scale, zeros beyond the ends), float32, one thread
of torch; librosa as it comes. Processor seconds, user and system, so that other processes disturb little; all take
part in every turn, and a ratio is the median over the turns of the ratios within one.

Target: librosa / ours >= 5, the faster torchaudio / ours >= 1.
Measured on one of 2 cores with AVX512-BF16, no GPU, while other jobs kept both busy (load 9 to 13), 5 turns: librosa as
it comes, its threads counted, 5.4 to 60 times ours, the faster torchaudio 1.27 to 2.24. With OMP_NUM_THREADS=1, which
spares librosa its idle threads, 5.2 to 5.8 for clips of 1 s but 2.3 to 2.9 for longer ones, below the target;
torchaudio 1.59 to 2.17. Our numbers differ from librosa's by 9e-7 at most.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Case(NamedTuple):
    """rate: Hz.  n_fft, hop: samples."""

    seconds: float
    rate: int
    n_fft: int
    hop: int
    mels: int


CASES = (
    Case(1, 8_000, 256, 80, 40),
    Case(1, 16_000, 512, 160, 64),
    Case(5, 16_000, 512, 160, 64),
    Case(5, 32_000, 1024, 320, 64),
    Case(5, 44_100, 2048, 512, 128),
    Case(15, 16_000, 512, 160, 80),
)


def main() -> None:
    args = arguments()
    import torch

    torch.set_num_threads(1)
    print(
        "| clip | what | ours, ms | librosa / ours | torchaudio, batch / ours | torchaudio, clips / ours | difference |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    lowest: dict[str, float] = {}
    for case in CASES:
        for what in ("log-mel", "MFCC"):
            ways = dict(built(case, args.batch, what))
            difference = furthest(ways["ours"](), ways["librosa"]())
            cost = {name: [seconds(way)] for name, way in ways.items()}  # the first warms up and does not count
            for _ in range(args.turns):
                for name, way in ways.items():
                    cost[name].append(seconds(way))
            ours = cost["ours"][1:]
            ratio = {name: statistics.median(t / o for t, o in zip(cost[name][1:], ours, strict=True)) for name in ways}
            each = 1000 * statistics.median(ours) / args.batch
            beside = " | ".join(f"{ratio[name]:.2f}" for name in ways if name != "ours")
            size = f"{case.seconds:g} s, {case.rate:,} Hz, {case.n_fft} / {case.hop}, {case.mels} bands"
            print(f"| {size} | {what} | {each:.3f} | {beside} | {difference:.1e} |", flush=True)
            best = min(ratio["torchaudio, batch"], ratio["torchaudio, clips"])
            for name, value in (("librosa", ratio["librosa"]), ("torchaudio", best)):
                lowest[name] = min(value, lowest.get(name, value))
    print(f"\nlowest: librosa / ours {lowest['librosa']:.2f}, the faster torchaudio / ours {lowest['torchaudio']:.2f}")


def seconds(way: Callable[[], Any]) -> float:
    """Of the processor, all threads."""
    start = time.process_time()
    way()
    return time.process_time() - start


def furthest(ours: Any, theirs: list[Any]) -> float:
    """The largest difference, relative to the largest value."""
    return max(float(abs(o.numpy() - t).max() / abs(t).max()) for o, t in zip(ours, theirs, strict=True))


def built(case: Case, batch: int, what: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each way to compute all clips of a batch."""
    import numpy as np
    import torch

    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (batch, round(case.seconds * case.rate))).astype(np.float32)
    clips = torch.from_numpy(noise)
    for name, way in (
        ("ours", ours(case, what)),
        ("librosa", of_librosa(case, what)),
        ("torchaudio, batch", of_torchaudio(case, what)),
        ("torchaudio, clips", of_torchaudio(case, what)),
    ):
        yield (
            name,
            called(way, noise if name == "librosa" else clips, clipwise=name in ("librosa", "torchaudio, clips")),
        )


def called(way: Callable[[Any], Any], clips: Any, *, clipwise: bool) -> Callable[[], Any]:
    import torch

    def call() -> Any:
        with torch.inference_mode():
            return [way(clip) for clip in clips] if clipwise else way(clips)

    return call


def ours(case: Case, what: str) -> Callable[[Any], Any]:
    from multicnn.audio.frontend import Mfcc
    from multicnn.audio.reader import SoundReader
    from multicnn.audio.spectra import Spectra

    window, hop = case.n_fft / case.rate, case.hop / case.rate
    if what == "MFCC":
        reader = SoundReader(rate=case.rate, seconds=case.seconds)
        return Mfcc(reader, mels=case.mels, window=window, hop=hop, n_fft=case.n_fft).cepstra
    return Spectra(case.rate, mels=case.mels, window=window, hop=hop, fmin=0.0, fmax=None, top=80.0, n_fft=case.n_fft)


def of_librosa(case: Case, what: str) -> Callable[[Any], Any]:
    import librosa

    sizes: dict[str, Any] = {"sr": case.rate, "n_fft": case.n_fft, "hop_length": case.hop, "n_mels": case.mels}

    def levels(clip: Any) -> Any:
        return librosa.power_to_db(librosa.feature.melspectrogram(y=clip, **sizes))

    return (lambda clip: librosa.feature.mfcc(y=clip, n_mfcc=20, **sizes)) if what == "MFCC" else levels


def of_torchaudio(case: Case, what: str) -> Callable[[Any], Any]:
    """Its limit of 80 dB is taken from the loudest of a batch of three axes, so batches get a fourth."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it announces its own changes
        from torchaudio import transforms

    sizes: dict[str, Any] = {"n_fft": case.n_fft, "hop_length": case.hop, "n_mels": case.mels}
    sizes |= {"norm": "slaney", "mel_scale": "slaney", "pad_mode": "constant"}
    if what == "MFCC":
        return transforms.MFCC(case.rate, 20, melkwargs=sizes)
    mel, decibels = transforms.MelSpectrogram(case.rate, **sizes), transforms.AmplitudeToDB("power", 80)
    return lambda clips: decibels(mel(clips)[..., None, :, :])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=9, help="in which all take part")
    parser.add_argument("--batch", type=int, default=16, help="clips at once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
