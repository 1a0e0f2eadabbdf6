"""When memory runs out the batch is halved and the optimizer still sees all of it."""

import json
import os
import subprocess
import sys
import textwrap

SCRIPT = """
    import resource, sys
    from pathlib import Path
    from multicnn import image
    from multicnn.train.voice import Silent

    class Printing(Silent):
        def say(self, line):
            print(line, flush=True)

    class Limiting(Printing):
        def tick(self, what, done, of):
            if what.startswith("epoch") and done == 1:  # what a step needs is allocated; now leave it little more
                used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
                resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, resource.RLIM_INFINITY))

    data, out, room = sys.argv[1:]
    ROOM = int(room)
    image.train(data, out=out, voice=Limiting() if ROOM else Printing(), model="cnn1", image_size=256, batch_size=48,
                epochs=1, precision="fp32", device="cpu", augment="none", patience=0,
                settings={"train": {"ema": 0.0, "optimizer": "sgd"}})
"""


def train(data, out, room: int) -> str:
    script = textwrap.dedent(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-c", script, str(data), str(out), str(room)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_batch_that_does_not_fit_is_computed_in_pieces(digit_folder, tmp_path):
    """A real limit on the process's memory, a real failure to allocate, and the same losses as without."""
    assert "out of memory" not in train(digit_folder, tmp_path / "free", 0)
    said = train(digit_folder, tmp_path / "tight", 150_000_000)
    assert "out of memory: batches of" in said
    rows = [json.loads((tmp_path / name / "metrics.jsonl").read_text()) for name in ("free", "tight")]
    assert rows[0]["step"] == rows[1]["step"]
    assert abs(rows[0]["train_loss"] - rows[1]["train_loss"]) < 1e-4
