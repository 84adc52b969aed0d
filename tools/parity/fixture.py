"""What every parity fixture has in common: random weights, gradients, ten AdamW steps, files."""

import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "parity"
STEPS = 10
ADAMW = {"lr": 1e-3, "weight_decay": 0.01, "betas": [0.9, 0.999], "eps": 1e-8}


def float32_exact(tensor):
    """The nearest float32 values, kept as float64: what is stored is exactly what was computed with."""
    return tensor.float().double()


def is_bias(name):
    """XLNet's have two axes: `r_w_bias`, `r_r_bias`. Logarithms of rates are not decayed, either."""
    return name.endswith(("bias", "_log"))


def randomise(model, generator):
    """Gives every parameter values that no fault can hide behind: no bias is 0 and no scale is 1."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            if is_bias(name):
                value = 0.3 * noise
            elif parameter.dim() > 1:
                # Conv1D is [in, out], XLNet's [in, heads, head width]; tables [rows, width] get the same order of size.
                value = noise * parameter.shape[0] ** -0.5
            else:
                value = 1 + 0.3 * noise
            parameter.copy_(float32_exact(value))


def random_input(lengths, time, width, generator):
    """`inputs_embeds` and a `cotangent` that is zero at padding, both [batch, time, width], and the 0/1 mask.

    Padded inputs are large on purpose: a block that attends to one of them does not pass by luck.
    """
    shape = (len(lengths), time, width)
    mask = (torch.arange(time)[None, :] < torch.tensor(lengths)[:, None]).double()
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    inputs_embeds = float32_exact(torch.where(mask[:, :, None] == 1, noise, 5 + noise))
    cotangent = float32_exact(torch.randn(shape, generator=generator, dtype=torch.float64) * mask[:, :, None])
    return inputs_embeds, cotangent, mask


def adamw(named_parameters):
    """AdamW that decays tables and matrices, but neither biases nor layer norms."""
    is_decayed = {name: parameter.dim() > 1 and not is_bias(name) for name, parameter in named_parameters}
    decayed = [parameter for name, parameter in named_parameters if is_decayed[name]]
    kept = [parameter for name, parameter in named_parameters if not is_decayed[name]]
    groups = [{"params": decayed, "weight_decay": ADAMW["weight_decay"]}, {"params": kept, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=ADAMW["lr"], betas=tuple(ADAMW["betas"]), eps=ADAMW["eps"])


def expected_values(model, forward, differentiated, cotangent, mask):
    """Runs `forward(**differentiated) → hidden` once for values and gradients, then ten times to train.

    `differentiated`: the inputs by name that a gradient is stored of; they are not trained.
    """
    named = list(model.named_parameters())
    leaves = {name: value.clone().requires_grad_() for name, value in differentiated.items()}
    hidden = forward(**leaves) * mask[:, :, None]
    loss = (hidden * cotangent).sum()
    loss.backward()
    unused = [name for name, parameter in named if parameter.grad is None]
    if unused:
        raise RuntimeError(f"Every parameter must take part in the loss; these do not: {unused}.")
    expected = {"hidden": hidden.detach(), "loss": loss.detach()}
    expected |= {f"grad.{name}": leaf.grad for name, leaf in leaves.items()}
    expected |= {f"grad.{name}": parameter.grad.clone() for name, parameter in named}

    optimizer = adamw(named)
    losses = [loss.item()]
    for _ in range(STEPS):
        # The gradients of the last backward pass are still there: each step uses them, then makes the next.
        optimizer.step()
        optimizer.zero_grad()
        next_loss = (forward(**differentiated) * mask[:, :, None] * cotangent).sum()
        next_loss.backward()
        losses.append(next_loss.item())
    expected["losses"] = torch.tensor(losses, dtype=torch.float64)
    return expected


def described(model, keys):
    """What `config.json` holds: the model, the versions, its settings of these names, the optimizer."""
    return {
        "model": type(model).__name__,
        "made_with": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__},
        "config": {key: getattr(model.config, key) for key in keys},
        "optimizer": {"name": "AdamW", "steps": STEPS, **ADAMW, "decayed": "parameters with more than one axis, but biases"},
    }  # fmt: skip


def parameters_of(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def write_fixture(block, case, config, weights, inputs, expected):
    """Writes `test/fixtures/parity/<block>/<case>/`; every float is stored as float32."""
    folder = FIXTURES / block / case
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    for name, tensors in {"weights": weights, "input": inputs, "expected": expected}.items():
        stored = {key: (value.float() if value.is_floating_point() else value) for key, value in tensors.items()}
        save_file({key: value.contiguous() for key, value in stored.items()}, folder / f"{name}.safetensors")
    size = sum(file.stat().st_size for file in folder.iterdir())
    losses = expected["losses" if "losses" in expected else "loss"]
    print(f"{block}/{case}: {size / 1000:.0f} kB, losses {losses[0]:.4f} to {losses[-1]:.4f}")
