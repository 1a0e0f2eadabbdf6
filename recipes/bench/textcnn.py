"""TextCNN by distinct words beside the usual ways to write it: training, long documents, inference, numericalisation.

    python recipes/bench/textcnn.py DATA
    python recipes/bench/textcnn.py DATA --turns 5 --batches 40

DATA: the folder of rt-polarity.pos and rt-polarity.neg. The network is Kim's (300 numbers a word, 3 x 100 filters of 3,
4 and 5 words, dropout 0.5), its vectors learnt too, in batches of 50, one thread, single precision. Documents are made
of eleven sentences each, about 230 words. The ways to train:

- Conv2d, padded: one channel, kernels of k x 300, each text padded to 64 words (a document to 256), Adam.
- Conv1d, best dense: texts of one length together (our batches), padded to them, sparse gradients, SparseAdam.
- ours: a step of `multicnn text train`, with clipping and the averaged weights that the others lack.

Processor seconds, user and system; every turn takes so many batches of each way in the same order, so that a busy
machine slows all of them; medians over the turns, and the median of the ratios. Inference: all sentences five times,
by the dense network and by looking up, with the largest difference. Numericalisation: texts to the store, one core.

Targets: 12 x Conv2d, 2.5 x the best dense; documents 5 x; inference 4 x, 0.8 M words/s on two cores, difference 1e-5;
numericalisation 1 M words/s.
Measured on one of 2 cores with AVX512 (Intel Xeon), no GPU, beside another job (load 3): a batch of sentences 2.9 x
the best dense version and 19.4 x Conv2d; of documents 8.5 and 16.7 x; inference 13.5 x dense, 615,000 words a
CPU-second, difference 9e-8; numericalisation 1,091,000 words a CPU-second. Later, quiet: 1.1 to 1.4 M words/s.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

DIM, KERNELS, WIDTH, DROP, LR = 300, (3, 4, 5), 100, 0.5, 1e-3
JOINED = 11  # sentences a document


def main() -> None:
    args = arguments()
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        import os

        os.environ["MULTICNN_CACHE"] = folder
        sentences = opened(args.data, 1)
        documents = opened(args.data, JOINED)
    for name, (_, batches), padded in (("sentences", sentences, 64), ("documents", documents, 256)):
        compare(name, batches, sentences[0], padded, args)
    infer(*sentences, args.turns)
    numericalise(args.data, args.turns)


def opened(data: str, joined: int) -> tuple[Any, Any]:
    """The reader and all training batches of the sentences, `joined` of them a text."""
    import numpy as np

    from multicnn.data.batches import Batches
    from multicnn.data.store import pack
    from multicnn.data.table import strings
    from multicnn.text.datasets import mr
    from multicnn.text.reader import plan_reader

    table = mr(Path(data))
    reader = plan_reader(table, np.arange(len(table)), max_pairs=0, stem=0)
    texts = table.items.tolist()
    table = replace(table, items=strings(" ".join(texts[i : i + joined]) for i in range(0, len(texts), joined)))
    store = pack([reader(text) for text in table.items], reader)
    target = np.arange(len(store)) % 2
    return reader, Batches(store, target, np.arange(len(store)), 50, training=True, quantum=reader.quantum)


def compare(name: str, batches: Any, reader: Any, padded: int, args: argparse.Namespace) -> None:
    """A table of the ways to train."""
    ways = {
        f"Conv2d, padded to {padded}": flat(reader.size, padded),
        "Conv1d, best dense": dense(reader.size),
        "ours": ours(reader),
    }
    some = list(batches.epoch(0))[: args.batches + 1]
    count = sum(len(b.x) for b in some[1:])
    words = batches.store.lengths(batches.rows).mean()
    found: dict[str, list[float]] = {way: [] for way in ways}
    for way in ways.values():
        way(some[0])  # what is compiled or allocated once
    for _ in range(args.turns):
        for way, step in ways.items():
            found[way].append(cost(lambda step=step: [step(batch) for batch in some[1:]]))
    print(
        f"\n{name} of {words:.0f} words, {count} a turn\n\n| training | texts a CPU-second | epoch, CPU-s | ours is |"
    )
    print("|---|---|---|---|")
    for way, seconds in found.items():
        ratio = statistics.median(s / o for s, o in zip(seconds, found["ours"], strict=True))
        speed = count / statistics.median(seconds)
        print(f"| {way} | {speed:,.0f} | {len(batches.rows) / speed:.1f} | {ratio:.1f} x |", flush=True)


def cost(work: Callable[[], object]) -> float:
    """Processor seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def flat(size: int, padded: int) -> Callable[[Any], None]:
    """Kim's layout: texts as pictures of padded x 300."""
    import torch
    from torch import nn
    from torch.nn import functional as f

    word, out = nn.Embedding(size, DIM, padding_idx=0), nn.Linear(len(KERNELS) * WIDTH, 2)
    convs = nn.ModuleList(nn.Conv2d(1, WIDTH, (k, DIM)) for k in KERNELS)
    optimizer = torch.optim.Adam([*word.parameters(), *out.parameters(), *convs.parameters()], lr=LR)

    def step(batch: Any) -> None:
        x = word(f.pad(batch.x, (4, padded - 4 - batch.x.shape[1])))[:, None]
        best = torch.cat([conv(x).relu().amax((2, 3)) for conv in convs], 1)
        f.cross_entropy(out(f.dropout(best, DROP)), batch.y).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def dense(size: int) -> Callable[[Any], None]:
    """The best without kernels of one's own."""
    import torch
    from torch import nn
    from torch.nn import functional as f

    word, out = nn.Embedding(size, DIM, padding_idx=0, sparse=True), nn.Linear(len(KERNELS) * WIDTH, 2)
    convs = nn.ModuleList(nn.Conv1d(DIM, WIDTH, k) for k in KERNELS)
    optimizers = (
        torch.optim.SparseAdam([*word.parameters()], lr=LR),
        torch.optim.Adam([*out.parameters(), *convs.parameters()], lr=LR),
    )

    def step(batch: Any) -> None:
        x = word(f.pad(batch.x, (0, max(0, max(KERNELS) - batch.x.shape[1])))).transpose(1, 2)
        best = torch.cat([conv(x).relu().amax(2) for conv in convs], 1)
        f.cross_entropy(out(f.dropout(best, DROP)), batch.y).backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()

    return step


def network(reader: Any) -> tuple[Any, Any]:
    """The task and the network as the suite builds them."""
    from multicnn.tasks import Classify
    from multicnn.text import Embedding
    from multicnn.zoo import textcnn

    task = Classify(("bad", "good"))
    return task, task.net(Embedding(reader, dim=DIM), textcnn(1, DIM, width=WIDTH, kernels=KERNELS, drop=DROP))


def ours(reader: Any) -> Callable[[Any], None]:
    """A step of the suite's own loop."""
    from multicnn.train.device import accelerator
    from multicnn.train.settings import TrainSettings
    from multicnn.train.step import prepare, step
    from multicnn.train.voice import Silent

    task, net = network(reader)
    settings = TrainSettings(batch_size=50, precision="fp32", device="cpu", lr=LR)
    fit = prepare(net, task, [], accelerator("cpu", "fp32"), settings, Silent())
    fit.learner.train()
    return lambda batch: step(fit, batch, 1.0)


def infer(reader: Any, batches: Any, turns: int) -> None:
    """The dense network and the one that looks up, on the same texts."""
    import torch

    from multicnn.zoo.lookup import looked

    _, net = network(reader)
    net.eval()
    quick = looked(net)
    some = [b.x for b in replace(batches, training=False, batch_size=200).epoch()]
    words = sum(int((x > 0).sum()) for x in some)

    def plain() -> list[Any]:
        return [net.answer(net.frontend(x)) for x in some]

    with torch.inference_mode():
        quick(some[0])
        plain()
        seconds = [(cost(plain), cost(lambda: [quick(x) for x in some])) for _ in range(turns)]
        apart = max(float((a - quick(x)).abs().max()) for a, x in zip(plain(), some, strict=True))
        torch.set_num_threads(2)
        start = time.perf_counter()
        for x in some * 5:
            quick(x)
        wall = words * 5 / (time.perf_counter() - start)
        torch.set_num_threads(1)
    first, later = (words / statistics.median(s) for s in zip(*seconds, strict=True))
    ratio = statistics.median(a / b for a, b in seconds)
    print(f"\ninference: dense {first:,.0f} words a CPU-second, by looking up {later:,.0f}: {ratio:.1f} x;"
          f" largest difference {apart:.1e}; two threads {wall:,.0f} words/s of wall time", flush=True)  # fmt: skip


def numericalise(data: str, turns: int) -> None:
    """Texts to the store on disk: cut, numbered, hashed, written."""
    import numpy as np

    from multicnn.text.datasets import mr
    from multicnn.text.reader import plan_reader

    table = mr(Path(data))
    reader = plan_reader(table, np.arange(len(table)), max_pairs=0, stem=0)
    seconds, words = [], 0
    for turn in range(turns):
        fresh = replace(table, name=f"turn-{turn}", items=table.items[::-1] if turn % 2 else table.items)
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(cost(lambda fresh=fresh, folder=folder: stored(fresh, reader, folder)))
        words = sum(len(reader(t)) for t in table.items[:100]) / 100 * len(table)
    print(f"numericalisation: {words / statistics.median(seconds):,.0f} words a CPU-second, texts to the store")


def stored(table: Any, reader: Any, folder: str) -> Any:
    """Its store, in a cache of its own."""
    import os

    from multicnn.data.store import open_store

    os.environ["MULTICNN_CACHE"] = folder
    return open_store(table, reader)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder of the set")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--batches", type=int, default=20, help="of each way a turn")
    return parser.parse_args()


if __name__ == "__main__":
    main()
