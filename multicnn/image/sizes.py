"""How large pictures are, before and after they are read."""

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.sizes import Sizes
from multicnn.data.table import Table
from multicnn.image.reader import ImageReader, headers


def sizes(table: Table, rows: np.ndarray, reader: Reader) -> Sizes:
    """Pixels high and wide, of up to 200 of the rows; nothing of volumes, clips and tiles."""
    if not isinstance(reader, ImageReader) or not len(rows):
        return Sizes()
    return Sizes(np.array([(h.height, h.width) for h in headers(table, rows)], dtype=float), reader.size)
