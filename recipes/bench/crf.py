"""A chain of tags: loss with gradient, and decoding, beside pytorch-crf 0.7.2 on the CPU, one thread.

    python recipes/bench/crf.py                # needs: pip install pytorch-crf
    python recipes/bench/crf.py --device cuda

Batches of random scores of sentences of random length, gradients of scores and transitions, the same numbers for all;
whoever answers otherwise ends the script. Processor seconds (on a GPU, seconds); contenders take turns, the first turn
warms up and does not count. Ratio: the median over the turns of the two contenders' ratio in that turn.

Target: loss and gradient with 9 labels >= 25 times pytorch-crf.
Measured on 2 busy cores, one thread, loss and gradient of 9 labels: 26 times for 32 sentences of up to 40 tokens (1.9 M
tokens a processor second), 23 for 64 of them (missed, 2.8 M), 69 for 16 of up to 128 (2.5 M); of 17 labels 22, of 37
labels 17. Two thirds of the time for 32 sentences is torch's own, around the loops. Decoding: 39 to 53 times with 9
labels, 29 with 17, 20 with 37. By torch alone: 1.1 to 1.4. Beside an H100, by other code than this: `batched` there
0.04 to 0.1 M tokens a second with up to 64 sentences, copied to one core and back 0.3 to 2.0 M.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SHAPES = ((9, 32, 40), (9, 64, 40), (9, 16, 128), (17, 32, 40), (37, 32, 40))  # labels, sentences, longest sentence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    import torch

    from multicnn.train.memory import keep_freed

    torch.set_num_threads(1)
    keep_freed()  # as training does
    print("| what | labels | sentences x longest | who | M tokens/s, median | lowest | highest | times pytorch-crf |")
    print("|---|---|---|---|---|---|---|---|")
    for shape in SHAPES:
        for what, contenders in (
            ("loss, gradient", losses(*shape, args.device)),
            ("decode", paths(*shape, args.device)),
        ):
            tokens, calls = contenders
            found = turns(calls, args.turns, args.device)
            for who, seconds in found.items():
                speeds = [tokens / s / 1e6 for s in seconds]
                ratio = statistics.median(b / s for b, s in zip(found["pytorch-crf"], seconds, strict=True))
                numbers = f"{statistics.median(speeds):.3f} | {min(speeds):.3f} | {max(speeds):.3f} | {ratio:.1f}"
                print(f"| {what} | {shape[0]} | {shape[1]} x {shape[2]} | {who} | {numbers} |", flush=True)


def turns(calls: dict[str, Callable[[], object]], count: int, device: str) -> dict[str, list[float]]:
    """Seconds of one call, in each turn after the first; short calls are repeated."""
    found: dict[str, list[float]] = {who: [] for who in calls}
    for turn in range(count + 1):
        for who, call in calls.items():
            repeats = 2 if who == "pytorch-crf" else 20
            start = clock(device)
            for _ in range(repeats):
                call()
            if turn:
                found[who].append((clock(device) - start) / repeats)
    return found


def clock(device: str) -> float:
    """Processor seconds; on a GPU, seconds once it has done all."""
    if device == "cpu":
        return time.process_time()
    import torch

    torch.cuda.synchronize()
    return time.perf_counter()


def batch(k: int, b: int, t: int, device: str) -> "tuple[Tensor, Tensor, Tensor, Tensor, Tensor]":
    """Scores b k t, transitions with starts and ends k k+2, tags, whether they count, lengths."""
    import torch

    torch.manual_seed(k * t)
    lengths = torch.randint(t // 4, t + 1, (b,))
    lengths[0] = t
    mask = torch.arange(t) < lengths[:, None]
    numbers = (2 * torch.randn(b, k, t), torch.randn(k, k + 2) / 2, torch.randint(0, k, (b, t)), mask, lengths)
    scores, chain, tags, mask, lengths = (n.to(device) for n in numbers)
    return scores.requires_grad_(), chain.requires_grad_(), tags, mask, lengths


def theirs(chain: "Tensor"):
    """pytorch-crf's layer with these transitions."""
    import torch
    from torchcrf import CRF

    k = len(chain)
    layer = CRF(k, batch_first=True).to(chain.device)
    with torch.no_grad():
        layer.transitions.copy_(chain[:, :k])
        layer.start_transitions.copy_(chain[:, k])
        layer.end_transitions.copy_(chain[:, k + 1])
    return layer


def losses(k: int, b: int, t: int, device: str) -> tuple[int, dict[str, Callable[[], object]]]:
    """The tokens of a batch, and the contenders."""
    import torch

    from multicnn.tasks import crf

    scores, chain, tags, mask, lengths = batch(k, b, t, device)
    layer = theirs(chain)
    y = tags.where(mask, crf.NO_TAG)

    def old() -> "list[Tensor]":
        loss = -layer(scores.mT, tags, mask=mask)
        transitions, starts, ends = (layer.transitions, layer.start_transitions, layer.end_transitions)
        inner, *outer, own = torch.autograd.grad(loss, (transitions, starts, ends, scores))
        return [own, torch.cat([inner, *(o[:, None] for o in outer)], 1)]

    def new(way: "Callable[[Tensor, Tensor], Tensor]") -> "list[Tensor]":
        out = torch.cat([scores, chain.expand(b, -1, -1)], 2)
        return list(torch.autograd.grad(way(out, y).sum(), (scores, chain)))

    calls = {"pytorch-crf": old, "ours, by torch": lambda: new(crf.batched), "ours": lambda: new(crf.losses)}
    for who, call in calls.items():
        for one, other in zip(call(), old(), strict=True):
            assert torch.allclose(one, other, rtol=1e-3, atol=1e-3), f"{who} answers otherwise"
    return int(lengths.sum()), calls


def paths(k: int, b: int, t: int, device: str) -> tuple[int, dict[str, Callable[[], object]]]:
    """The tokens of a batch, and the contenders."""
    import torch

    from multicnn.tasks import crf

    scores, chain, _, mask, lengths = batch(k, b, t, device)
    layer, begin = theirs(chain), torch.zeros(b, dtype=torch.int64, device=device)
    scores = scores.detach()

    def old() -> list[list[int]]:
        with torch.no_grad():
            return layer.decode(scores.mT, mask)

    def new() -> "Tensor":
        return crf.viterbi(torch.cat([scores, chain.detach().expand(b, -1, -1)], 2), begin, lengths)

    ours = [tags[:n] for tags, n in zip(new().tolist(), lengths.tolist(), strict=True)]
    assert ours == old(), "ours answers otherwise"
    return int(lengths.sum()), {"pytorch-crf": old, "ours": new}


if __name__ == "__main__":
    main()
