"""How long sounds are, before and after they are read."""

import numpy as np

from multicnn.audio.reader import SoundReader, headers
from multicnn.data.reader import Reader
from multicnn.data.sizes import Sizes
from multicnn.data.table import Table


def sizes(table: Table, rows: np.ndarray, reader: Reader) -> Sizes:
    """Seconds, of up to 200 of the rows; nothing of what is not heard in windows."""
    if not isinstance(reader, SoundReader) or not len(rows):
        return Sizes()
    return Sizes(np.array([[h.seconds] for h in headers(table, rows, reader.rate)]), (reader.seconds,))
