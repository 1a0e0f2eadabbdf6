"""Opening word vectors for a data set, beside gensim.

    python recipes/bench/vectors.py
    python recipes/bench/vectors.py --words 100000 --dim 300 --wanted 20000

Random vectors are written as word2vec's text (.vec), its binary and fastText's .bin (with 200,000 buckets of
sub-words); then the vectors of the wanted words, a tenth of which no file lists, are asked for: of us for the first
time, of us again in another process, whose cache is filled, and of gensim, which reads the whole file. Each in a
process of its own; processor seconds, user and system, without the time to import; memory is the most that the
process held beyond what it held before (Linux).

Target: the text of 100,000 x 300 in <= 2 processor seconds, again in <= 0.1 s (wall too).
Measured on one of 2 busy cores with AVX512-BF16, no GPU (load 10; wall times several times these): the text in 1.72
processor seconds (1.17 at a lower load), again in 0.09 (wall 0.08 at a lower load), gensim 19.2 (16.0): 11 and
209 times; the binary in 0.34 and 0.20, gensim 0.58; fastText in 1.9 and 1.9, gensim 8.7, with half its memory.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

OURS = "ours"
GENSIM = {
    "text": "KeyedVectors.load_word2vec_format(path)",
    "binary": "KeyedVectors.load_word2vec_format(path, binary=True)",
    "fasttext": "load_facebook_vectors(path)",
}
MEASURE = """
import json, re, sys, time
path, how, words = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))
if how == "ours":
    from multicnn.text.vectors import open_vectors
    find = lambda: open_vectors(path).find(words)[0]
else:
    import numpy as np
    from gensim.models import KeyedVectors
    from gensim.models.fasttext import load_facebook_vectors
    def find():
        vectors = eval(how)
        return np.stack([vectors[w] for w in words if w in vectors])
most = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1000
before = most()
wall, cpu = time.perf_counter(), time.process_time()
found = find()
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print(json.dumps({"cpu": cpu, "wall": wall, "mb": most() - before, "sum": float(found.sum()), "rows": len(found)}))
"""


def main() -> None:
    args = arguments()
    print("| file | MB | reader | processor, s | wall, s | memory, MB | gensim / ours |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        wanted = [f"word{n * (args.words // args.wanted)}" for n in range(args.wanted * 9 // 10)]
        (root / "wanted.json").write_text(json.dumps(wanted + [f"unheard{n}" for n in range(args.wanted // 10)]))
        for name, path in written(root, args.words, args.dim).items():
            row(name, path, root)


def row(name: str, path: Path, root: Path) -> None:
    """Three lines of the table."""
    first, again = measured(path, OURS, root), measured(path, OURS, root)
    theirs = measured(path, GENSIM[name], root)
    assert first["sum"] == again["sum"]
    size = path.stat().st_size / 1e6
    for reader, found in (("ours, first", first), ("ours, again", again), ("gensim", theirs)):
        ratio = theirs["cpu"] / found["cpu"]
        cells = f"{found['cpu']:.2f} | {found['wall']:.2f} | {found['mb']:,.0f} | {ratio:.1f}"
        print(f"| {name} | {size:,.0f} | {reader} | {cells} |", flush=True)


def measured(path: Path, how: str, root: Path) -> dict[str, Any]:
    """What one reader takes, in a new process with one thread."""
    import os

    environment = os.environ | {"OMP_NUM_THREADS": "1", "MULTICNN_CACHE": str(root / "cache")}
    command = [sys.executable, "-c", MEASURE, str(path), how, str(root / "wanted.json")]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def written(root: Path, words: int, dim: int) -> dict[str, Path]:
    """The three files."""
    import struct

    import numpy as np

    names = [f"word{n}" for n in range(words)]
    rng = np.random.default_rng(0)
    numbers = rng.normal(0, 0.1, (words, dim)).round(4).astype(np.float32)
    paths = {"text": root / "v.vec", "binary": root / "w2v.bin", "fasttext": root / "ft.bin"}
    with open(paths["text"], "w") as text, open(paths["binary"], "wb") as binary:
        text.write(f"{words} {dim}\n")
        binary.write(f"{words} {dim}\n".encode())
        for name, row_ in zip(names, numbers, strict=True):
            text.write(f"{name} {' '.join(f'{x:.4f}' for x in row_.tolist())}\n")
            binary.write(name.encode() + b" " + row_.tobytes())
    buckets = 2 * words
    with open(paths["fasttext"], "wb") as file:
        file.write(struct.pack("<2i12id", 793712314, 12, dim, 5, 5, 1, 5, 1, 1, 2, buckets, 3, 6, 100, 1e-4))
        file.write(struct.pack("<3i2q", words, words, 0, words, -1))
        file.write(b"".join(name.encode() + b"\0" + struct.pack("<qb", 1, 0) for name in names))
        file.write(struct.pack("<?2q", False, words + buckets, dim) + numbers.tobytes())
        file.write(rng.normal(0, 0.1, (buckets, dim)).astype(np.float32).tobytes())
        file.write(struct.pack("<?2q", False, words, dim) + bytes(4 * words * dim))
    return paths


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=100_000, help="in a file")
    parser.add_argument("--dim", type=int, default=300, help="numbers of a vector")
    parser.add_argument("--wanted", type=int, default=20_000, help="words of the data set")
    return parser.parse_args()


if __name__ == "__main__":
    main()
