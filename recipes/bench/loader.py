"""What loading an epoch of sounds costs a clip once they are in the cache, and how little of speech is padding.

    python recipes/bench/loader.py FOLDER
    python recipes/bench/loader.py FOLDER --epochs 5 --batch 32

FOLDER holds sounds of any layout; without it, 2,000 clips of noise of 0.5 to 5 s at 16 kHz are made. They are opened
as `multicnn audio train` opens them: decoded once into the store, then read as whole batches of 16-bit samples. Two
ways: a random window of each (as networks of classes train), and each in its whole length beside those of its own
length rounded up to --quantum seconds (as transcription trains). Processor seconds of one thread, user and system,
after a first epoch; the share of the samples that pads, over the whole epoch; beside it, what batches of random
neighbours padded to the longest would hold.

Target: <= 0.2 ms a clip a core; < 5 % padding.
Measured on one of 2 cores with AVX512-BF16, no GPU, while other jobs kept both busy (load 9 to 13): 1,143 prompts of
Debian's asterisk-core-sounds-en-wav and -ru-wav (0.2 to 74 s): 0.017 ms a clip, 1.8 % padding by length against
81 % of random neighbours; 3,000 digits of FSDD (0.14 to 2.3 s): 0.006 ms, 10.3 % with the default quantum of 0.1 s,
3.3 % with --quantum 0.03, against 42 %.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

RATE = 16_000


def main() -> None:
    args = arguments()
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or made(Path(temporary), args.count)
        batches, reader = opened(folder, args.batch)
        lengths = batches.store.lengths(batches.rows)
        mean = lengths.mean() / reader.rate
        print(f"{len(lengths):,} clips, {lengths.min() / reader.rate:.2f} to {lengths.max() / reader.rate:.2f} s,"
              f" mean {mean:.2f} s, at {reader.rate:,} Hz\n")  # fmt: skip
        print("| batches | ms a clip | padding |\n|---|---|---|", flush=True)
        whole = replace(batches, window=None, quantum=max(1, round(args.quantum * reader.rate)))
        for name, way in ((f"windows of {reader.seconds:g} s", batches), ("whole, by length", whole)):
            cost = spent(way, args.epochs)
            print(f"| {name} | {1000 * cost / len(lengths):.3f} | {padding(way):.1%} |", flush=True)
        print(f"| random neighbours, padded to the longest | | {at_random(lengths, args.batch):.1%} |")
    print(f"\n{len(whole.plan(1))} batches by length, {len(lengths) / len(whole.plan(1)):.1f} clips each")


def opened(folder: Path, batch: int) -> tuple[Any, Any]:
    """All its sounds as training batches, and their reader."""
    import numpy as np

    from multicnn.audio.datasets.suffixes import SUFFIXES
    from multicnn.audio.reader import plan_reader
    from multicnn.data.batches import Batches
    from multicnn.data.store import open_store
    from multicnn.data.table import Table, strings

    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    target = np.zeros(len(paths), int)
    table = Table(folder.name, strings(paths), strings(p.name for p in paths), ("sound",), target)
    reader = plan_reader(table, np.arange(len(paths)))
    store = open_store(table, reader)
    rows = np.setdiff1d(np.arange(len(paths)), list(store.bad))
    return Batches(store, target, rows, batch, training=True, window=reader.window), reader


def spent(batches: Any, epochs: int) -> float:
    """Processor seconds of an epoch, the first one left out."""
    found = []
    for epoch in range(epochs + 1):
        start = time.process_time()
        for _ in batches.epoch(epoch):
            pass
        found.append(time.process_time() - start)
    return sum(found[1:]) / epochs


def padding(batches: Any) -> float:
    """The share of an epoch's samples that are no sample's own."""
    have = whole = 0
    for entries in batches.plan(1):
        room = batches.length(entries)
        whole += room * len(entries)
        have += int((batches.store.lengths(entries[:, 0]) - entries[:, 1]).clip(max=room).sum())
    return 1 - have / whole


def at_random(lengths: Any, batch: int) -> float:
    """The same for batches in any order, each padded to its longest."""
    import numpy as np

    shuffled = np.random.default_rng(0).permutation(lengths)
    parts = [shuffled[i : i + batch] for i in range(0, len(shuffled), batch)]
    return 1 - lengths.sum() / sum(len(part) * part.max() for part in parts)


def made(folder: Path, count: int) -> Path:
    """Noise of many lengths."""
    import numpy as np
    import soundfile

    random = np.random.default_rng(0)
    for number in range(count):
        noise = random.uniform(-0.3, 0.3, int(RATE * random.uniform(0.5, 5)))
        soundfile.write(folder / f"{number:05}.wav", noise, RATE)
    return folder


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="sounds; made ones without it")
    parser.add_argument("--count", type=int, default=2_000, help="clips that are made")
    parser.add_argument("--batch", type=int, default=16, help="clips at once")
    parser.add_argument("--epochs", type=int, default=3, help="that count")
    parser.add_argument(
        "--quantum", type=float, default=0.1, help="seconds, to a multiple of which lengths are rounded up"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
