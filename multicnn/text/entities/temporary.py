"""Thrown away when the chain of tags is there."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.zoo.net import Net
from multicnn.zoo.timed import Timed


def spans_of(tags):
    out, start = [], None
    for i, t in enumerate([*tags, 0]):
        if start is not None and (t == 0 or t % 2 == 1 or (t - 1) // 2 != start[1]):
            out.append((start[0], i, start[1]))
            start = None
        if t > 0 and start is None:
            start = (i, (t - 1) // 2)
    return out


class Temporary:
    monitor = "f1_entity_exact"
    mixes = False

    def __init__(self, classes, *, drop: float = 0.0, weights=None):
        self.classes, self.drop = tuple(classes), drop
        self.tags = 1 + 2 * len(self.classes)

    def net(self, frontend, body):
        return Net(frontend, body, Timed(body.channels, self.tags, level=0, drop=self.drop))

    def encode(self, y):
        return y.long()

    def move(self, y, matrix):
        return y

    def loss(self, out, y):
        y = y[:, : out.shape[2]]
        cost = F.cross_entropy(out.float(), y.clamp(min=0), reduction="none") * (y >= 0)
        return cost.sum(1) / 10

    def answer(self, out):
        return out.float()

    def judge(self, out, y):
        path = torch.full_like(y, -1)
        for i in range(len(out)):
            own = torch.nonzero(y[i] >= 0)[:, 0]
            if len(own):
                b, e = int(own[0]), int(own[-1]) + 1
                path[i, b:e] = torch.from_numpy(viterbi(out[i, :, b:e].float().numpy())).to(path.dtype)
        return torch.cat([path.long(), y.long(), self.loss(out, y.long()).mul(1000).long()[:, None]], 1)

    def counts(self, judged):
        L = judged.shape[1] // 2
        c = np.zeros((len(judged), len(self.classes), 3))
        for r, row in enumerate(judged.astype(int)):
            y = row[L : 2 * L]
            m = y >= 0
            p, g = set(spans_of(row[:L][m].tolist())), set(spans_of(y[m].tolist()))
            for s in p & g:
                c[r, s[2], 0] += 1
            for s in p:
                c[r, s[2], 1] += 1
            for s in g:
                c[r, s[2], 2] += 1
        return c

    def metrics(self, judged, y, weight=None):
        if getattr(self, "_l", (None,))[0] is not judged:
            self._l = (judged, self.counts(judged))
        c = np.tensordot(np.ones(len(judged)) if weight is None else weight, self._l[1], 1).sum(0)
        return {
            "f1_entity_exact": 2 * c[0] / max(1, c[1] + c[2]),
            "precision": c[0] / max(1, c[1]),
            "recall": c[0] / max(1, c[2]),
        }

    def losses(self, judged, y):
        return judged[:, -1] / 1000

    def per_class(self, judged, y):
        c = self.counts(judged).sum(0)
        return {k: {"f1": 2 * v[0] / max(1, v[1] + v[2])} for k, v in zip(self.classes, c)}

    def decode(self, answer):
        return [str(len(a)) for a in answer]


def viterbi(e):
    k, t = e.shape
    allowed = np.zeros((k, k))
    for j in range(2, k, 2):
        allowed[:, j] = -1e9
        allowed[j - 1, j] = allowed[j, j] = 0
    score = e[:, 0].copy()
    score[2::2] = -1e9
    back = np.zeros((t, k), int)
    for i in range(1, t):
        s = score[:, None] + allowed
        back[i] = s.argmax(0)
        score = s.max(0) + e[:, i]
    path = [int(score.argmax())]
    for i in range(t - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    return np.array(path[::-1])
