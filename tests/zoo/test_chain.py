"""The head whose answers hold a chain."""

import torch

from multicnn.zoo.chain import FORBIDDEN, Chained


def test_scores_then_the_chain_in_every_answer() -> None:
    head = Chained([4, 8], 3, level=1, drop=0.5).eval()
    torch.nn.init.normal_(head.chain)
    x = torch.randn(2, 8, 6)
    out = head([torch.randn(2, 4, 12), x])
    assert out.shape == (2, 3, 6 + 3 + 2)
    torch.testing.assert_close(
        out[:, :, :6], torch.einsum("kc,bct->bkt", head.each.fc.weight, x) + head.each.fc.bias[:, None]
    )
    assert torch.equal(out[:, :, 6:], head.chain.expand(2, -1, -1))


def test_what_must_not_be_is_not_learnt() -> None:
    forbidden = torch.zeros(3, 5, dtype=torch.bool)
    forbidden[0, 2] = True
    head = Chained([4], 3, forbidden=forbidden)
    out = head([torch.randn(2, 4, 6)])
    assert (out[:, 0, 6 + 2] == FORBIDDEN).all()
    assert (out[:, :, 6:] == FORBIDDEN).sum() == 2
    out.sum().backward()
    assert head.chain.grad is not None
    assert ((head.chain.grad == 0) == forbidden).all()
    assert head.state_dict().keys() == {"chain", "each.fc.weight", "each.fc.bias"}


def test_the_chain_stays_in_float32_under_autocast() -> None:
    head = Chained([4], 3)
    with torch.autocast("cpu", torch.bfloat16):
        out = head([torch.randn(2, 4, 6)])
    assert out.dtype == torch.float32
