"""Raw text to entities: tokens a processor second on one thread, slovnet beside it where it is installed.

    python recipes/bench/ner.py RUN DATA
    uv run --with slovnet --with razdel python recipes/bench/ner.py RUN DATA --natasha FOLDER

RUN: a tagger, as recipes/text/factrueval_ner.py leaves one. DATA: FactRuEval's folder, whose 254 documents are tagged
(90,000 tokens by our count, which is taken for both). Ours: `predict` from strings to entities with their places and
probabilities, new words looked up in the file of vectors. slovnet: razdel's tokens and its own tagger. FOLDER: `data`
of the package natasha, where the weights lie. Processor seconds, user and system, the least of the turns after one that
does not count.

Target: >= 50,000 tokens a processor second.
Measured on one of 2 cores with AVX512-BF16 that other jobs kept busy (load 6), no GPU: 30,800 tokens a processor
second with the width of 128 of recipes/text/factrueval_ner.py, more than half of it for the products of its windows.
Missed; before windows became one product and new words' vectors were found without copying tables it was 27,200 (load
9 to 12), and 36,800 with the default width of 96, which is not measured since. On an idle core it is not measured
yet, nor is slovnet.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    args = arguments()
    import torch

    import multicnn
    from multicnn.text.datasets.entities import factrueval
    from multicnn.text.tokens import spans

    torch.set_num_threads(1)
    texts = factrueval(args.data).items.tolist()
    tokens = sum(len(spans(text)) for text in texts)
    run = multicnn.load(args.run)
    report("ours", tokens, args.turns, lambda: sum(len(p.entities) for p in run.predict(texts)))  # pyright: ignore[reportAttributeAccessIssue]
    if args.natasha:
        tag = slovnet(args.natasha)
        report("slovnet", tokens, args.turns, lambda: sum(tag(text) for text in texts))


def report(name: str, tokens: int, turns: int, work: Callable[[], int]) -> None:
    """Print one line."""
    seconds, found = [], 0
    for _ in range(turns + 1):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
    print(f"{name}: {tokens:,} tokens, {found:,} entities, {tokens / min(seconds[1:]):,.0f} tokens/CPU-s", flush=True)


def slovnet(folder: Path) -> Callable[[str], int]:
    """Its tagger of names, which says how many it found."""
    from navec import Navec  # pyright: ignore[reportMissingImports]
    from slovnet import NER  # pyright: ignore[reportMissingImports]

    tagger: Any = NER.load(folder / "model/slovnet_ner_news_v1.tar")
    tagger.navec(Navec.load(folder / "emb/navec_news_v1_1B_250K_300d_100q.tar"))
    return lambda text: len(tagger(text).spans)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run of ner")
    parser.add_argument("data", type=Path, help="folder of devset and testset")
    parser.add_argument("--natasha", type=Path, help="`data` of the package natasha, to measure slovnet too")
    parser.add_argument("--turns", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
