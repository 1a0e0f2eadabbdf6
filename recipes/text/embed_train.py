"""Vectors learnt from a set's own texts: their neighbours, and what they bring to a classifier.

    python recipes/text/embed_train.py DATA
    python recipes/text/embed_train.py DATA --texts FOLDER --method fasttext

DATA: a set with an official test part, such as the folder of SST-2, whose texts `embed` leaves out. FOLDER: more texts
of the same kind, without labels, to learn the vectors from instead. The same network (TextCNN) is then trained thrice:
its vectors learnt with the task alone, begun at these vectors and moved, and held at them.

Measured on one of 2 busy cores with AVX512-BF16, no GPU, SST-2, word2vec with 100 numbers, seed 0: movie is nearest to
film, comedy to romantic, story to stories; learnt with the task 78.69 % (32 processor seconds), begun at the vectors
81.93 % (40), held at them 79.96 % (30).
"""

import argparse
import time
from pathlib import Path

STARTS = {"learnt with the task": "", "begun at the vectors": "nonstatic", "held at the vectors": "static"}


def main() -> None:
    args = arguments()
    from multicnn import text
    from multicnn.cli.console import Console

    console = Console(as_json=False, quiet=False, lines_to_stderr=True)
    out = args.out / "vectors.bin"
    found = text.embed(
        args.texts or args.data, out=out, method=args.method, dim=args.dim, seed=args.seed, voice=console
    )
    for word, near in found.facts["neighbours"].items():
        print(f"{word}: {', '.join(other for other, _ in near)}")
    print("| vectors | accuracy | 95 % interval | processor, s |\n|---|---|---|---|")
    for name, mode in STARTS.items():
        start = time.process_time()
        own = {"vectors": found.path, "settings": {"frontend": {"name": "vectors", "mode": mode}}} if mode else {}
        alone = {"settings": {"frontend": {"name": "embedding", "dim": args.dim}}, "model": "textcnn"}
        run = text.train(
            args.data, **(own or alone), seed=args.seed, epochs=args.epochs, out=args.out / name.replace(" ", "-"),
            voice=console,
        )  # fmt: skip
        low, high = (f"{100 * x:.2f}" for x in run.intervals["accuracy"])
        accuracy, seconds = f"{100 * run.metrics['accuracy']:.2f} %", time.process_time() - start
        print(f"| {name} | {accuracy} | {low} to {high} % | {seconds:.0f} |", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="set to classify")
    parser.add_argument("--texts", help="what the vectors are learnt from; the set unless given")
    parser.add_argument("--method", default="word2vec", choices=("word2vec", "fasttext"))
    parser.add_argument("--dim", type=int, default=100, help="numbers of a vector")
    parser.add_argument("--seed", type=int, default=0, help="of vectors and runs")
    parser.add_argument("--epochs", type=int, help="of the runs, instead of the default; for a quick try")
    parser.add_argument("--out", type=Path, default=Path("runs/embed-train"), help="folder of vectors and runs, new")
    return parser.parse_args()


if __name__ == "__main__":
    main()
