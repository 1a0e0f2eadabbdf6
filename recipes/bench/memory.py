"""Memory of a long run: what the process holds after each of 20 epochs.

    python recipes/bench/memory.py image
    python recipes/bench/memory.py audio
    python recipes/bench/memory.py text

The built-in set of each modality, or DATA, with the default network. Resident memory, read when an epoch is told, after
its validation and its saved state; without early stopping.

Target: flat within 2 % after epoch 2.
Measured on 2 cores with AVX512-BF16, no GPU: -0.51 to +0.05 % after epoch 2 (580 to 583 MB), image.
"""

import argparse
import tempfile
from importlib import import_module


class Scales:
    """A voice that weighs the process whenever an epoch is told."""

    def __init__(self):
        self.resident: list[int] = []  # bytes

    def say(self, line: str) -> None:
        import psutil

        if line.startswith("epoch "):
            self.resident.append(psutil.Process().memory_info().rss)

    def tick(self, what: str, done: int, of: int) -> None:
        pass


def main() -> None:
    args = arguments()
    train, scales = import_module(f"multicnn.{args.modality}").train, Scales()
    with tempfile.TemporaryDirectory() as temporary:
        train(args.data, out=f"{temporary}/run", epochs=args.epochs, patience=0, limit=args.limit, voice=scales)
    print("| epoch | resident, MB |\n|---|---|")
    for epoch, resident in enumerate(scales.resident, 1):
        print(f"| {epoch} | {resident / 1e6:.1f} |")
    settled = scales.resident[1]
    low, high = (100 * (edge(scales.resident[1:]) / settled - 1) for edge in (min, max))
    print(f"\n{args.modality}, after epoch 2: {low:+.2f} to {high:+.2f} %")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modality", choices=("image", "audio", "text"))
    parser.add_argument("data", nargs="?", help="folder, table or name; the built-in set unless named")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--limit", type=int, help="training samples; for a quick try")
    return parser.parse_args()


if __name__ == "__main__":
    main()
