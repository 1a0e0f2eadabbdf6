"""Every network for every task, and every front-end, in onnxruntime: the largest difference from torch.

    python recipes/export_all.py
    python recipes/export_all.py --task segment unet resnet18
    python recipes/export_all.py --frontends

Narrow forms on small samples, front-end included, whose weights are drawn at random and whose batch norms have seen one
batch. The graph is traced with two samples and asked for three others; compared is what the net says, before
probabilities. "-": the task refuses the network, in its own sentence. Exits with 1 where a difference is above 1e-4 of
the largest answer, or an export fails.

Target: at most 1e-4 everywhere.
Measured on one of 2 cores with AVX512-BF16, torch 2.11, onnxruntime 1.32, other jobs beside it: 22 front-ends and
dialects (--frontends; embedding, onehot and tokens were not among them) at most 5.9e-07, 4 s of the processor each.
`--task classify`: all 80 networks at most 5.8e-05. The other tasks have not been run as a whole yet.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

LIMIT = 1e-4
NARROW: dict[str, dict[str, Any]] = {  # by the start of a network's name
    "resnet": {"width": 4}, "preresnet": {"width": 4}, "unet": {"width": 4}, "fcn_resnet": {"width": 4},
    "fcos": {"width": 4}, "deeplab": {"width": 4}, "alexnet": {"width": 12, "units": 16},
    "vgg": {"width": 4, "units": 16}, "googlenet": {"width": 8}, "inception3": {"width": 2}, "bcresnet": {"width": 4},
    "cnn6": {"width": 4}, "cnn10": {"width": 4}, "cnn14": {"width": 4}, "dpcnn": {"width": 8}, "idcnn": {"width": 8},
    "charcnn": {"width": 4, "units": 8},
}  # fmt: skip
TASKS = {  # modality of each
    "classify": "image", "segment": "image", "localize": "image", "detect": "image", "instances": "image",
    "events": "audio", "transcribe": "audio", "separate": "audio", "ner": "text",
}  # fmt: skip
SIDE, SERIES = 96, 1100  # pixels; steps


def main() -> None:
    args = arguments()
    import torch

    torch.set_num_threads(1)
    bad = 0
    print("| task | front-end | network | difference | seconds |\n|---|---|---|---|---|", flush=True)
    for task, front, name in wanted(args):
        start = time.process_time()
        found = difference(task, front, name)
        bad += not (isinstance(found, str) or found <= LIMIT) or found == "failed"
        said = found if isinstance(found, str) else f"{found:.1e}"
        print(f"| {task} | {front} | {name} | {said} | {time.process_time() - start:.1f} |", flush=True)
    sys.exit(int(bad > 0))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="networks; all unless named")
    parser.add_argument("--task", choices=sorted(TASKS), help="one task; all unless named")
    parser.add_argument("--frontends", action="store_true", help="the front-ends instead, with one network")
    return parser.parse_args()


def wanted(args: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Task, front-end and network, one after the other."""
    from multicnn.zoo import BODIES

    if args.frontends:
        own = {"embedding": ("classify", "textcnn"), "onehot": ("classify", "textcnn"), "tokens": ("ner", "tagcnn")}
        for front in fronts():
            task, name = own.get(front, ("classify", "compact"))
            yield task, front, name
        return
    for task in [args.task] if args.task else TASKS:
        for name in args.names or BODIES:
            flat = 1 in BODIES[name].ranks and 2 not in BODIES[name].ranks
            usual = {"classify": "series" if flat else "pixels", "events": "logmel", "transcribe": "bands"}
            usual["separate"], usual["ner"] = ("waveform" if flat else "invertible"), "tokens"
            yield task, usual.get(task, "pixels"), name


def fronts() -> list[str]:
    """The front-ends of all modalities, those of sounds in every dialect."""
    from multicnn.audio.dialects import DIALECTS

    spoken = [f"{front} {dialect}" for front in ("logmel", "mfcc", "stft") for dialect in DIALECTS]
    others = ["pixels", "bands", "invertible", "waveform", "sinc", "yamnet", "series", "embedding", "onehot", "tokens"]
    return [*others, *spoken]


def difference(task_name: str, front_name: str, name: str) -> float | str:
    """Of one network for one task."""
    import torch

    from multicnn.errors import UsageError
    from multicnn.insight.export import gate, graph, runtime

    torch.manual_seed(0)
    try:
        net, reader = built(task_name, front_name, name)
    except UsageError:
        return "-"
    answering = graph.Answering(net, None)  # a probability near 0 or 1 would hide differences
    pairs = []
    for seed, n in ((0, 2), (1, 3)):
        raw = raw_of(reader, n, seed)
        with torch.no_grad():
            if seed == 0:
                answering.train()(torch.from_numpy(raw))  # so that batch norms have seen something
            pairs.append((raw, answering.eval()(torch.from_numpy(raw)).numpy()))
    try:
        with TemporaryDirectory() as folder:
            from pathlib import Path

            path = Path(folder) / "model.onnx"
            graph.write_onnx(graph.traced(answering, pairs[0][0]), path)
            worst = gate.furthest(runtime.by_onnx(path), pairs[1:])
    except Exception as error:
        print(f"{task_name} {front_name} {name}: {type(error).__name__}: {error}"[:400], file=sys.stderr)
        return "failed"
    return worst / max(1.0, float(abs(pairs[1][1]).max()))


def built(task_name: str, front_name: str, name: str) -> tuple[Any, Any]:
    """Net and reader."""
    from multicnn.api import modality
    from multicnn.verbs.parts import grid_of
    from multicnn.zoo.net import build_body

    front_name, _, dialect = front_name.partition(" ")
    reader = reader_of(task_name, front_name)
    home = modality(
        {"pixels": "image", "embedding": "text", "onehot": "text", "tokens": "text"}.get(front_name, "audio")
    )
    front = home.frontends[front_name](reader, **({"dialect": dialect} if dialect else {}))
    import torch

    grid = grid_of(front, reader, torch.from_numpy(raw_of(reader, 1, 0)))
    settings = dict(next((s for start, s in NARROW.items() if name.startswith(start)), {}))
    if name.startswith("charcnn"):
        settings["length"] = SERIES
    body = build_body(name, front.rank, front.channels, grid, settings)
    task = modality(TASKS[task_name]).kind(task_name).task(("a", "b", "c"))
    return task.net(front, body), reader


def raw_of(reader: Any, n: int, seed: int) -> Any:
    """A batch of noise."""
    from multicnn.insight.export.synthetic import synthetic

    return synthetic(reader, n, seed)


def reader_of(task: str, front: str) -> Any:
    """A reader of small samples."""
    from multicnn.audio.events import PieceReader
    from multicnn.audio.reader import SoundReader
    from multicnn.audio.series.reader import SeriesReader
    from multicnn.image.reader import ImageReader
    from multicnn.text.entities.reader import TokenReader
    from multicnn.text.reader import WordReader

    words = tuple(f"word{n}" for n in range(40))
    if front == "pixels":
        return ImageReader(size=(SIDE, SIDE))
    if front == "series":
        return SeriesReader(channels=2, steps=SERIES)
    if front == "tokens":
        return TokenReader(words=words)
    if front in ("embedding", "onehot"):
        return WordReader(words=words, pairs=("word1 word2", "word3 word4"))
    return PieceReader(rate=16_000, seconds=1.0) if task == "events" else SoundReader(rate=16_000, seconds=1.0)


if __name__ == "__main__":
    main()
