"""Activations against their formulas."""

import numpy as np
import pytest
import torch

from multicnn.blocks import ACTIVATIONS, activation
from multicnn.errors import UsageError


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


FORMULAS = {
    "relu": lambda x: np.maximum(x, 0),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softmax": softmax,
    "none": lambda x: x,
}


def test_every_activation_has_its_formula():
    assert sorted(FORMULAS) == sorted(ACTIVATIONS)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_forward_is_the_formula(name, rank):
    x = 3 * torch.randn(2, 4, *[3] * rank, dtype=torch.float64)
    np.testing.assert_allclose(activation(name)(x), FORMULAS[name](x.numpy()), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_gradient_is_the_derivative(name):
    x = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(activation(name), x)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_the_input_is_left_alone(name):
    x = torch.randn(2, 4, 3)
    before = x.clone()
    activation(name)(x)
    assert torch.equal(x, before)


def test_an_unknown_activation_is_refused():
    with pytest.raises(UsageError, match=r"no activation named 'rellu'; did you mean relu"):
        activation("rellu")
