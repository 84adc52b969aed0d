"""Parity fixtures of the optimizers: ten steps over gradients that are given, from PyTorch, and row-wise Adagrad by FBGEMM's formula."""

import json
from pathlib import Path

import torch

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "parity" / "optimizers"
STEPS, ROWS, WIDTH = 10, 4, 5

# Ours, then PyTorch's class and its options; none where there is no class.
CASES = {
    "adamw": ({"kind": "adamw"}, torch.optim.AdamW, {}),
    "adamw-all": (
        {"kind": "adamw", "learningRate": 0.03, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weightDecay": 0.1},
        torch.optim.AdamW,
        {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1},
    ),
    "adam": ({"kind": "adam"}, torch.optim.Adam, {}),
    "adam-all": (
        {"kind": "adam", "learningRate": 0.03, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weightDecay": 0.1},
        torch.optim.Adam,
        {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1},
    ),
    "sgd": ({"kind": "sgd"}, torch.optim.SGD, {}),
    "sgd-decay": (
        {"kind": "sgd", "learningRate": 0.1, "weightDecay": 0.1},
        torch.optim.SGD,
        {"lr": 0.1, "weight_decay": 0.1},
    ),
    "sgd-momentum": (
        {"kind": "sgd", "learningRate": 0.03, "momentum": 0.9, "weightDecay": 0.1},
        torch.optim.SGD,
        {"lr": 0.03, "momentum": 0.9, "weight_decay": 0.1},
    ),
    "sgd-nesterov": (
        {"kind": "sgd", "learningRate": 0.03, "momentum": 0.9, "nesterov": True},
        torch.optim.SGD,
        {"lr": 0.03, "momentum": 0.9, "nesterov": True},
    ),
    "adagrad": ({"kind": "adagrad"}, torch.optim.Adagrad, {}),
    "adagrad-all": (
        {
            "kind": "adagrad",
            "learningRate": 0.1,
            "learningRateDecay": 0.2,
            "epsilon": 1e-6,
            "initialSum": 0.5,
            "weightDecay": 0.1,
        },
        torch.optim.Adagrad,
        {"lr": 0.1, "lr_decay": 0.2, "eps": 1e-6, "initial_accumulator_value": 0.5, "weight_decay": 0.1},
    ),
    "adagrad-row-wise": ({"kind": "adagrad", "rowWise": True}, None, {}),
    "adagrad-row-wise-decay": (
        {"kind": "adagrad", "learningRate": 0.1, "epsilon": 1e-6, "rowWise": True, "weightDecay": 0.1},
        None,
        {"lr": 0.1, "eps": 1e-6, "weight_decay": 0.1},
    ),
}


def exact(tensor):
    """The nearest float32 values, kept as float64: what is stored is exactly what was computed with."""
    return tensor.float().double()


class RowWiseAdagrad:
    """FBGEMM's `exact_rowwise_adagrad` with L2 decay: one sum a row, of the mean of its squared gradients."""

    def __init__(self, parameters, lr=1e-2, eps=1e-10, weight_decay=0.0):
        self.parameter = parameters[0]
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.sums = torch.zeros(len(self.parameter), dtype=torch.float64)

    def step(self):
        with torch.no_grad():
            gradient = self.parameter.grad + self.weight_decay * self.parameter
            self.sums += (gradient * gradient).sum(1) / gradient.shape[1]
            self.parameter -= (self.lr / (self.sums.sqrt() + self.eps))[:, None] * gradient


def made(case, seed):
    ours, kind, options = CASES[case]
    generator = torch.Generator().manual_seed(seed)
    start = exact(torch.randn(ROWS, WIDTH, generator=generator, dtype=torch.float64))
    # Of several orders of size; one row has no gradient at first.
    size = 10.0 ** -torch.arange(WIDTH, dtype=torch.float64)
    gradients = exact(torch.randn(STEPS, ROWS, WIDTH, generator=generator, dtype=torch.float64) * size)
    gradients[:3, 2] = 0
    parameter = start.clone().requires_grad_()
    optimizer = (kind or RowWiseAdagrad)([parameter], **options)
    expected = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        expected.append(parameter.detach().float().flatten().tolist())
    return {
        "made_with": {"torch": torch.__version__.split("+")[0]},
        "options": ours,
        "rows": ROWS,
        "start": start.flatten().tolist(),
        "gradients": [each.flatten().tolist() for each in gradients],
        "expected": expected,
    }


FIXTURES.mkdir(parents=True, exist_ok=True)
for seed, case in enumerate(CASES, start=1):
    (FIXTURES / f"{case}.json").write_text(json.dumps(made(case, seed)) + "\n")
    print(case)
