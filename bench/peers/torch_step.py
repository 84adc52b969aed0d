"""The training step of our causal transformer, in PyTorch, as a user who knows PyTorch would write it.

Reads one JSON command a line on standard input and answers each with one JSON line on standard output, so that a
parent process can alternate between this model and ours within the same minutes. See README.md for the commands.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

PADDING, UNKNOWN = 0, 1
FIRST_ITEM = 2  # rows of the item table before it are not items and are never predicted


class Layer(nn.Module):
    def __init__(self, width, heads, dropout, attention):
        super().__init__()
        self.heads, self.dropout, self.attention = heads, dropout, attention
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)

    def attend(self, x, mask):
        batch, length, width = x.shape
        heads = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)  # each [batch, heads, time, headWidth]
        dropout = self.dropout if self.training else 0.0
        # Measured on 2 CPU cores, alternating, eager, median of 12 steps: sdpa 284, 582 and 197 ms, explicit 275, 605 and
        # 201 ms (3,417 items: width 64, 128 x 50; width 128, 32 x 200; width 64, 128 x 50 half full). Equal within the
        # noise: with dropout, sdpa has no fused kernel on a CPU. On CUDA it has, so sdpa is the default.
        if self.attention == "sdpa":
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        else:
            scores = (query * (1 / math.sqrt(width // self.heads))) @ key.transpose(-2, -1)
            weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
            mixed = F.dropout(weights, dropout) @ value
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x, mask):
        x = x + F.dropout(self.attend(self.attention_norm(x), mask), self.dropout, self.training)
        inner = F.gelu(self.expand(self.feed_forward_norm(x)))
        return x + F.dropout(self.contract(inner), self.dropout, self.training)


class NextItem(nn.Module):
    def __init__(self, *, items, width, layers, heads, time, dropout, attention):
        super().__init__()
        self.dropout = dropout
        self.items = nn.Embedding(FIRST_ITEM + items, width, padding_idx=PADDING)
        self.positions = nn.Parameter(torch.empty(time, width))
        self.layers = nn.ModuleList(Layer(width, heads, dropout, attention) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.register_buffer("causal", torch.ones(time, time, dtype=torch.bool).tril(), persistent=False)
        self.apply(initialise)
        nn.init.normal_(self.positions, std=0.02)

    def forward(self, ids, labelled, targets):
        """ids: [batch, time]; labelled: flat positions that have a target; targets: item rows less FIRST_ITEM."""
        x = F.dropout(self.items(ids) + self.positions, self.dropout, self.training)
        # The first event is never padding, so no row of the mask is empty.
        mask = self.causal & (ids != PADDING)[:, None, None, :]  # [batch, 1, time, time]
        for layer in self.layers:
            x = layer(x, mask)
        # Only labelled positions reach the product with the whole table.
        hidden = self.norm(x.flatten(0, 1).index_select(0, labelled))
        return F.cross_entropy(hidden @ self.items.weight[FIRST_ITEM:].T, targets)


def initialise(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding) and module.padding_idx is not None:
        nn.init.zeros_(module.weight[module.padding_idx].data)


def random_batches(count, *, items, batch, time, fill, lengths, seed):
    """Right-padded ids, the positions with a label (all that are not padding) and their targets, in main memory."""
    generator = torch.Generator().manual_seed(seed)
    batches = []
    for _ in range(count):
        if lengths is not None:
            true = torch.tensor(lengths)
        elif fill == 1:
            true = torch.full((batch,), time)
        else:
            # Evenly spread around fill · time, as far to both sides as the row allows.
            spread = min(fill, 1 - fill) * time
            noise = torch.rand(batch, generator=generator) * 2 - 1
            true = (fill * time + spread * noise).round().clamp(1, time).long()
        session = torch.randint(FIRST_ITEM, FIRST_ITEM + items, (batch, time + 1), generator=generator)
        real = torch.arange(time)[None, :] < true[:, None]
        ids = torch.where(real, session[:, :-1], PADDING)
        labelled = real.flatten().nonzero().flatten()
        batches.append((ids, labelled, session[:, 1:].flatten()[labelled] - FIRST_ITEM))
    return batches


class Stepper:
    """A model, its batches and its optimizer: one step after another. `model` is on the device already."""

    def __init__(self, model, batches, *, device, optimizer, compile=False):
        self.device = torch.device(device)
        self.parameters = sum(parameter.numel() for parameter in model.parameters())
        # Fused is one pass over the parameters. The update alone, on 2 CPU cores, best of 25: fused 0.5 and 13 ms,
        # foreach 1.3 and 51 ms, for 0.3 and 6.8 million parameters.
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, **{optimizer: True})
        self.forward = torch.compile(model) if compile else model
        self.batches = batches
        if self.device.type == "cuda":
            self.batches = [tuple(tensor.pin_memory() for tensor in batch) for batch in batches]
        self.done = 0

    def described(self):
        return {"torch": torch.__version__, "parameters": self.parameters}

    def step(self):
        """One step from a batch in main memory to updated parameters; the loss stays on the device."""
        batch = self.batches[self.done % len(self.batches)]
        self.done += 1
        loss = self.forward(*(tensor.to(self.device, non_blocking=True) for tensor in batch))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def steps(self, count):
        milliseconds, losses = [], []
        for _ in range(count):
            self.wait()
            start = time.perf_counter()
            loss = self.step()
            self.wait()
            milliseconds.append(round((time.perf_counter() - start) * 1000, 3))
            losses.append(round(loss.item(), 5))
        return {"ms": milliseconds, "losses": losses}

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


DEFAULTS = {
    "compile": False,
    "threads": 2,
    "device": "cpu",
    "dropout": 0.2,
    "fill": 1.0,
    "lengths": None,
    "attention": "sdpa",
    "optimizer": "fused",
    "tf32": False,
    "warmup": 3,
    "seed": 1,
}
REQUIRED = ["items", "width", "layers", "heads", "batch", "time"]


class Trainer(Stepper):
    def __init__(self, given):
        unknown = sorted(set(given) - set(DEFAULTS) - set(REQUIRED))
        missing = [key for key in REQUIRED if key not in given]
        if unknown or missing:
            raise ValueError(f"setup: unknown {unknown}, missing {missing}; known: {REQUIRED + list(DEFAULTS)}")
        s = DEFAULTS | given
        if s["attention"] not in ("sdpa", "explicit"):
            raise ValueError(f"setup: attention is 'sdpa' or 'explicit', received {s['attention']!r}")
        if s["optimizer"] not in ("fused", "foreach"):
            raise ValueError(f"setup: optimizer is 'fused' or 'foreach', received {s['optimizer']!r}")
        if not 0 < s["fill"] <= 1:
            raise ValueError(f"setup: fill is above 0 and at most 1, received {s['fill']!r}")
        if s["lengths"] is not None:
            whole = all(isinstance(length, int) and 1 <= length <= s["time"] for length in s["lengths"])
            if len(s["lengths"]) != s["batch"] or not whole:
                raise ValueError("setup: lengths is one whole number from 1 to time for each session of the batch")
        torch.manual_seed(s["seed"])
        torch.set_num_threads(s["threads"])
        torch.backends.cuda.matmul.allow_tf32 = s["tf32"]
        shape = {key: s[key] for key in ("items", "width", "layers", "heads", "time", "dropout", "attention")}
        model = NextItem(**shape).to(s["device"]).train()
        data = {key: s[key] for key in ("items", "batch", "time", "fill", "lengths", "seed")}
        batches = random_batches(8, **data)
        super().__init__(model, batches, device=s["device"], optimizer=s["optimizer"], compile=s["compile"])
        self.steps(s["warmup"])


def serve(make):
    """Answers commands; `make` takes those of setup and gives a stepper."""
    trainer = None
    for line in sys.stdin:
        try:
            command = json.loads(line)
            name = command.pop("cmd")
            if name == "exit":
                return
            if name == "setup":
                trainer = None  # frees the last model before the next one is made
                start = time.perf_counter()
                trainer = make(command)
                seconds = round(time.perf_counter() - start, 3)
                reply = trainer.described() | {"setupSeconds": seconds}
            elif name == "steps" and trainer is not None:
                reply = trainer.steps(command["count"])
            else:
                reply = {"error": f"expected setup, then steps or exit; received {name}"}
        except Exception as error:  # the parent decides what to do: it must get an answer to every line
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    serve(Trainer)
