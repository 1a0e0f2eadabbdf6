"""Strings of three to six digits, said by people: Free Spoken Digits set end to end with random gaps, and transcribed.

    python recipes/audio/connected_digits.py DATA
    python recipes/audio/connected_digits.py DATA --speaker theo

DATA: the folder of `recordings/DIGIT_SPEAKER_INDEX.wav` (github.com/Jakobovski/free-spoken-digit-dataset). Known
speakers: the official split, strings of the test made of recordings 0 to 4 only, those of the validation of 5 to 8.
--speaker: that one's recordings are the test, and nothing else of them is heard. Every string is of one speaker, with
gaps of 0 to 0.3 s. Answers: the likeliest path, which knows letters only, and a beam of 16 with a list of ten words.

Measured on one of 2 busy cores with AMX, no GPU, 300 test strings, about 310 s of a processor: known speakers, seed 0
7.72 % WER along the likeliest path and 2.57 % with ten words, seed 1 0.79 and 0.50 %: seed 0 leaves the plateau of
CTC late, and its rate falls before it has caught up. Speaker theo held out, seed 0, 409 s: likeliest path 23.85 %
WER, 11.02 % CER; ten words 11.51 % WER. The other five speakers are not yet measured.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RATE = 8_000  # Hz, of the recordings
GAP = 0.3  # s
PARTS = {"train": 6_000, "val": 150, "test": 300}
EPOCHS = 8  # with 5, what is reached hangs on how long CTC's plateau lasts


def main() -> None:
    args = arguments()
    import multicnn
    from multicnn import audio

    with TemporaryDirectory() as folder:
        table = strings(args.data, Path(folder), args.speaker, args.strings, args.seed)
        start = time.process_time()
        run = audio.train(
            table, task="transcribe", seed=args.seed, epochs=args.epochs, limit=args.limit, out=args.out,
            settings={"augment": augment(args.speaker)}, voice=console(),
        )  # fmt: skip
        words = Path(folder) / "digits.txt"
        words.write_text("\n".join(NAMES), encoding="utf-8")
        print("| decoding | WER | CER | processor, s |\n|---|---|---|---|")
        tell("likeliest path", run.metrics, time.process_time() - start)
        start = time.process_time()
        found = multicnn.load(run.path, task={"beam": 16, "words": str(words)}).evaluate()
        tell("ten words", found["metrics"], time.process_time() - start)


def augment(speaker: str | None) -> dict[str, dict[str, float]]:
    """Other voices are higher or lower than those that were heard."""
    stretch = {"low": 0.9, "high": 1.1} if speaker is None else {"low": 0.75, "high": 1.3}
    return {"stretch": stretch, "specaugment": {"times": 2, "width": 0.1, "length": 0.05}}


def strings(data: Path, folder: Path, speaker: str | None, numbers: dict[str, int], seed: int) -> Path:
    """Write the sounds of all parts and their table."""
    import numpy as np
    import soundfile

    random = np.random.default_rng(seed)
    rows = []
    for part, number in numbers.items():
        by_speaker: dict[str, list[tuple[int, Path]]] = {}
        for path, digit, who in recordings(data, part, speaker):
            by_speaker.setdefault(who, []).append((digit, path))
        for n in range(number):
            who = sorted(by_speaker)[n % len(by_speaker)]
            chosen = [by_speaker[who][k] for k in random.integers(len(by_speaker[who]), size=random.integers(3, 7))]
            gaps = [np.zeros(int(random.uniform(0, GAP) * RATE), np.float32) for _ in range(len(chosen) + 1)]
            sounds = [soundfile.read(path, dtype="float32")[0] for _, path in chosen]
            pieces = [piece for pair in zip(gaps, sounds, strict=False) for piece in pair]
            name = f"{part}-{n:05}.wav"
            soundfile.write(folder / name, np.concatenate([*pieces, gaps[-1]]), RATE, subtype="PCM_16")
            rows.append([name, " ".join(NAMES[digit] for digit, _ in chosen), part])
    with open(folder / "digits.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["path", "text", "split"], *rows])
    return folder / "digits.csv"


def recordings(data: Path, part: str, speaker: str | None) -> Iterator[tuple[Path, int, str]]:
    """The files of one part, their digits and speakers."""
    for path in sorted((data / "recordings").glob("*.wav")):
        digit, who, take = path.stem.split("_")
        if speaker is None:
            own = "test" if int(take) < 5 else "val" if int(take) < 9 else "train"
        else:
            own = "test" if who == speaker else "val" if int(take) < 5 else "train"
        if own == part:
            yield path, int(digit), who


def tell(how: str, metrics: dict[str, float], seconds: float) -> None:
    """A line of the table."""
    wer, cer = metrics["wer_corpus"], metrics["cer_corpus"]
    print(f"| {how} | {100 * wer:.2f} % | {100 * cer:.2f} % | {seconds:.0f} |", flush=True)


def console():
    """What is going on, on stderr."""
    from multicnn.cli.console import Console

    return Console(as_json=False, quiet=False, lines_to_stderr=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the set")
    parser.add_argument("--speaker", help="hold this one out, instead of the official split")
    parser.add_argument("--strings", type=numbers, default=PARTS, help="TRAIN,VAL,TEST: how many of each part")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--limit", type=int, help="training strings; for a quick try")
    parser.add_argument("--seed", type=int, default=0, help="of the strings and of the training")
    parser.add_argument("--out", type=Path, help="run folder; below runs/ unless named")
    return parser.parse_args()


def numbers(text: str) -> dict[str, int]:
    """`6000,150,300` by part."""
    return dict(zip(PARTS, map(int, text.split(",")), strict=True))


if __name__ == "__main__":
    main()
