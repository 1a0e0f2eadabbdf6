"""The loops of `multicnn.train.rows`, compiled: each row is read and written once."""

import numpy as np

from multicnn.blocks.compiled import compiled


@compiled
def adam(weights, grads, rows, first, second, begin, end, betas, rate, scale, keep):
    """AdamW's step of rows[begin:end]. rate, scale: lr and 1 / (1 - beta^t) of both moments; keep: 1 - lr decay."""
    for i in range(begin, end):
        grad, weight = grads[i], weights[rows[i]]
        mean, square = first[rows[i]], second[rows[i]]
        for d in range(len(weight)):
            mean[d] += (np.float32(1) - betas[0]) * (grad[d] - mean[d])
            square[d] += (np.float32(1) - betas[1]) * (grad[d] * grad[d] - square[d])
            size = np.sqrt(square[d] * scale) + np.float32(1e-8)
            weight[d] = weight[d] * keep - rate * mean[d] / size


@compiled
def follow(ours, theirs, rows, factors, begin, end):
    """Bring rows[begin:end] of ours nearer to theirs: their difference times a factor a row is left."""
    for i in range(begin, end):
        our, their, factor = ours[rows[i]], theirs[rows[i]], factors[i]
        for d in range(len(our)):
            our[d] = their[d] + (our[d] - their[d]) * factor
