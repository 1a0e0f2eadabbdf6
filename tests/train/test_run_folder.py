"""What a run folder says of itself."""

import shlex
from pathlib import Path

from multicnn.train.run import RunFolder


def test_a_shell_takes_the_folder_as_one_word():
    for name in ("runs/my run", "runs/a'b", "runs/plain"):
        assert shlex.split(f"multicnn predict {RunFolder(Path(name)).quoted} FILE") == [
            "multicnn",
            "predict",
            name,
            "FILE",
        ]
