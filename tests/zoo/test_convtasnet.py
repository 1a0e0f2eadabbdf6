"""Conv-TasNet against torchaudio's."""

import pytest
import torch
from torchaudio.models import ConvTasNet as Theirs

from multicnn.errors import UsageError
from multicnn.zoo import BODIES, Body, build_body
from multicnn.zoo.convtasnet import convtasnet, from_torchaudio
from multicnn.zoo.net import Net

SMALL = {"filters": 12, "kernel": 8, "width": 6, "hidden": 10, "depth": 3, "repeats": 2}
THEIRS = {
    "enc_num_feats": 12, "enc_kernel_size": 8, "msk_num_feats": 6, "msk_num_hidden_feats": 10, "msk_num_layers": 3,
    "msk_num_stacks": 2,
}  # fmt: skip


def joined(body: Body, k: int) -> tuple[torch.nn.Module, torch.nn.Module]:
    return body, body.stem_head(k)  # pyright: ignore[reportCallIssue]


def answer(body: torch.nn.Module, head: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return head(body.frames(x))[..., : x.shape[-1]]  # pyright: ignore[reportCallIssue]


def test_it_has_the_parameters_of_torchaudios_default():
    assert BODIES["convtasnet"].parameters() == 4_984_881
    assert sum(p.numel() for p in Theirs().parameters()) == 4_984_881


@pytest.mark.parametrize("t", [1, 7, 400, 403])
@pytest.mark.parametrize("mask", ["sigmoid", "relu"])
def test_torchaudios_weights_give_torchaudios_answer(t, mask):
    theirs = Theirs(num_sources=3, **THEIRS, msk_activate=mask).eval()
    body, head = joined(convtasnet(1, 1, **SMALL, mask=mask), 3)
    net = Net(torch.nn.Identity(), body.eval(), head.eval())
    net.load_state_dict(from_torchaudio(theirs.state_dict()))
    x = torch.randn(2, 1, t)
    with torch.no_grad():
        wanted = theirs(x)
    torch.testing.assert_close(answer(body, head, x), wanted, rtol=0, atol=1e-5)


def test_torchaudios_default_too():
    theirs = Theirs().eval()
    body, head = joined(convtasnet(1, 1), 2)
    Net(torch.nn.Identity(), body, head).load_state_dict(from_torchaudio(theirs.state_dict()))
    x = 0.1 * torch.randn(1, 1, 803)
    with torch.no_grad():
        wanted = theirs(x)
    torch.testing.assert_close(answer(body.eval(), head.eval(), x), wanted, rtol=0, atol=1e-5)


def test_with_batch_norm_a_piece_with_what_lies_around_it_says_the_same():
    torch.manual_seed(0)
    body, head = joined(convtasnet(1, 1, **SMALL, norm="batch"), 2)
    x = torch.randn(4, 1, 1200)
    head(body.frames(x))  # statistics  # pyright: ignore[reportCallIssue]
    whole = answer(body.eval(), head.eval(), x)
    piece = answer(body, head, x[..., 400:1000])
    torch.testing.assert_close(piece[..., 200:400], whole[..., 600:800], rtol=0, atol=1e-5)


def test_settings_that_do_not_fit_are_refused():
    for wrong, says in (
        ({"kernel": 15}, "kernel of model convtasnet is 15; give a multiple of 2"),
        ({"reach": 2}, "reach of model convtasnet is 2; give an odd number"),
        ({"mask": "tanh"}, "give sigmoid or relu"),
        ({"norm": "globl"}, "no norm named 'globl'"),
    ):
        with pytest.raises(UsageError, match=says):
            convtasnet(1, 1, **wrong)
    with pytest.raises(UsageError, match="reads grids of 1 axes, not 2"):
        build_body("convtasnet", 2, 1, None, {})
