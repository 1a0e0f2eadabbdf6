"""The loops of `multicnn.zoo.windows`, compiled. Shapes as there; `sizes` are the kernels' words, `width` of each."""

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
            size, base = sizes[q], q * width
            for t in range(1 - size, n):
                j = max(0, -t)
                row, column = places[b, t + j], first + j * width
                for f in range(width):
                    sums[f] = products[row, column + f]
                for j in range(max(0, -t) + 1, min(size, n - t)):
                    row, column = places[b, t + j], first + j * width
                    for f in range(width):
                        sums[f] += products[row, column + f]
                if t == 1 - size:
                    for f in range(width):
                        best[b, base + f] = sums[f]
                        at[b, base + f] = t
                else:
                    for f in range(width):
                        if sums[f] > best[b, base + f]:
                            best[b, base + f] = sums[f]
                            at[b, base + f] = t
            for f in range(width):
                if n == 0 or best[b, base + f] < 0:  # nothing but zeros
                    best[b, base + f] = 0
                    at[b, base + f] = n
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
                    for d in range(begin, end):
                        of_filters[filter, d] += g * vectors[row, d]
                    if wanted:
                        for d in range(begin, end):
                            of_vectors[row, d] += g * filters[filter, d]
        first += size * width
