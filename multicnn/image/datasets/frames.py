"""Film clips as folders of frames: a folder a class, in it a folder a clip, in it a picture a frame."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.data.layouts.folder import read_folder
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import PICTURES


def frames(path: Path | None = None) -> Table:
    """`root/class/clip/0001.jpg`, or the same below train, val and test folders: a sample a clip.

    Raises DataError where no root is given, and for a frame that lies in no clip's folder.
    """
    if path is None:
        raise DataError("frames: lies nowhere by itself; name its folder, as in frames=clips/")
    table = read_folder(path, frozenset(PICTURES))
    folders = np.array([os.path.dirname(item) for item in table.items])
    ids = np.array([os.path.dirname(name) for name in table.ids])
    depth = 1 if table.split is None else 2
    if (loose := np.array([name.count("/") < depth for name in ids])).any():
        example = table.ids[int(loose.argmax())]
        raise DataError(f"{example}: a frame beside the clips' folders; put the frames of each clip into a folder")
    first = np.sort(np.unique(folders, return_index=True)[1])
    return replace(table.take(first), items=strings(folders[first]), ids=strings(ids[first]))
