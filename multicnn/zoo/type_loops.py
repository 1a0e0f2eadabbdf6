"""The loops of `multicnn.zoo.windows`, compiled. Shapes as there; `sizes` are the kernels' words, `width` of each.

Rows are taken out of matrices before the innermost loops: only then do these become vector instructions.
"""

import numpy as np

from multicnn.blocks.compiled import compiled


@compiled
def strongest(places, products, sizes, width, begin, end, best, at):
    """The strongest window of texts `begin` to `end`, and where it starts; of equal ones the first."""
    sums = np.empty(width, products.dtype)
    for b in range(begin, end):
        n = places.shape[1]
        while n > 0 and places[b, n - 1] == 0:
            n -= 1
        first = 0
        for q in range(len(sizes)):
            size = sizes[q]
            top, start = best[b, q * width : (q + 1) * width], at[b, q * width : (q + 1) * width]
            for t in range(1 - size if n > 0 else 0, n):  # an empty text has no word to read
                begun = max(0, -t)
                column = first + begun * width
                part = products[places[b, t + begun], column : column + width]
                for f in range(width):
                    sums[f] = part[f]
                for j in range(begun + 1, min(size, n - t)):
                    column = first + j * width
                    part = products[places[b, t + j], column : column + width]
                    for f in range(width):
                        sums[f] += part[f]
                for f in range(width):
                    better = t == 1 - size or sums[f] > top[f]
                    top[f] = sums[f] if better else top[f]
                    start[f] = np.int32(t) if better else start[f]
            for f in range(width):
                if n == 0 or top[f] < 0:  # nothing but zeros
                    top[f] = 0
                    start[f] = n
            first += size * width


@compiled
def gradients(places, vectors, filters, sizes, width, at, grad, begin, end, of_vectors, of_filters, wanted):
    """Add the gradients of components `begin` to `end` of vectors (if `wanted`) and filters."""
    t_end = places.shape[1]
    first = 0
    for q in range(len(sizes)):
        size = sizes[q]
        for f in range(width):
            for b in range(places.shape[0]):
                g, start = grad[b, q * width + f], at[b, q * width + f]
                if g == 0:
                    continue
                for j in range(max(0, -start), min(size, t_end - start)):
                    row, filter = places[b, start + j], first + j * width + f
                    if row == 0:
                        continue
                    vector, out = vectors[row, begin:end], of_filters[filter, begin:end]
                    for d in range(end - begin):
                        out[d] += g * vector[d]
                    if wanted:
                        weight, out = filters[filter, begin:end], of_vectors[row, begin:end]
                        for d in range(end - begin):
                            out[d] += g * weight[d]
        first += size * width
