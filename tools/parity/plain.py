"""Parity fixtures of the blocks that Hugging Face does not have, from plain definitions below, step by step where the blocks take shortcuts; and of LLaMA, from its model."""

import math

import torch
from torch import nn
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaModel

from fixture import ADAMW, STEPS, expected_values, parameters_of, random_input, randomise, write_fixture

# What differs from one case to the next; time is the longest length.
SMALL = {"width": 16, "layers": 2, "heads": 2}
CASES = {
    "llama": {
        "mixed-lengths": {**SMALL, "expansion": 3, "lengths": [5, 12, 1, 9]},
        "four-heads": {**SMALL, "heads": 4, "layers": 1, "expansion": 2, "rotaryBase": 100, "lengths": [7, 3]},
        "shared-keys": {**SMALL, "heads": 4, "keyValueHeads": 2, "layers": 1, "expansion": 2, "lengths": [3, 8]},
    },
    "sasrec": {
        "mixed-lengths": {**SMALL, "expansion": 4, "activation": "gelu", "lengths": [5, 12, 1, 9]},
        "as-published": {**SMALL, "heads": 1, "layers": 1, "expansion": 1, "activation": "relu", "lengths": [6, 2]},
    },
    "ligr": {
        "mixed-lengths": {**SMALL, "expansion": 4, "lengths": [5, 12, 1, 9]},
        "one-head": {**SMALL, "heads": 1, "layers": 1, "expansion": 2, "lengths": [6, 2]},
    },
    "hstu": {
        "mixed-lengths": {**SMALL, "times": True, "lengths": [5, 12, 1, 9]},
        "without-times": {**SMALL, "times": False, "layers": 1, "lengths": [6, 2]},
    },
    "tisasrec": {"mixed-lengths": {**SMALL, "expansion": 4, "lengths": [5, 12, 1, 9]}},
    "lrurec": {
        "mixed-lengths": {"width": 16, "layers": 2, "expansion": 4, "stateExpansion": 2, "lengths": [5, 12, 1, 9]},
        "one-layer": {"width": 8, "layers": 1, "expansion": 2, "stateExpansion": 1, "lengths": [8, 3]},
    },
    "mamba2": {
        "mixed-lengths": {**SMALL, "expansion": 2, "stateSize": 8, "kernelSize": 4, "lengths": [5, 12, 1, 9]},
        "small-kernel": {**SMALL, "heads": 4, "layers": 1, "expansion": 1, "stateSize": 4, "kernelSize": 2, "lengths": [7, 4]},
    },
}  # fmt: skip
LONGEST = 12
BUCKETS = math.floor(math.log(2**31) / 0.301) + 1


def linear(inner, outer, bias=True):
    return nn.Linear(inner, outer, bias=bias)


def causal(time):
    return torch.ones(time, time, dtype=torch.bool).tril()


def heads_of(x, heads):
    batch, time, width = x.shape
    return x.view(batch, time, heads, width // heads).transpose(1, 2)


def together(x):
    batch, heads, time, width = x.shape
    return x.transpose(1, 2).reshape(batch, time, heads * width)


def softmax_attention(q, k, v):
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
    return scores.masked_fill(~causal(q.shape[2]), -math.inf).softmax(-1) @ v


def buckets_of(elapsed):
    apart = (elapsed[:, :, None] - elapsed[:, None, :]).abs().double()
    return (apart.clamp(min=1).log() / 0.301).floor().long()


class Gated(nn.Module):
    """SwiGLU."""

    def __init__(self, width, inner):
        super().__init__()
        self.gate, self.up, self.down = linear(width, inner, False), linear(width, inner, False), linear(inner, width, False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.qkv, self.out, self.heads = linear(width, 3 * width), linear(width, width), heads

    def forward(self, x):
        return self.out(together(softmax_attention(*[heads_of(part, self.heads) for part in self.qkv(x).chunk(3, -1)])))


class GroupedLlama(nn.Module):
    """LLaMA whose queries share keys and values, which the Hugging Face of the other cases does not have: each key is repeated."""

    class Layer(nn.Module):
        def __init__(self, width, heads, groups, inner):
            super().__init__()
            head = width // heads
            self.heads, self.groups = heads, groups
            self.self_attn = nn.ModuleDict({
                "q_proj": linear(width, width, False), "k_proj": linear(width, groups * head, False),
                "v_proj": linear(width, groups * head, False), "o_proj": linear(width, width, False),
            })  # fmt: skip
            self.mlp = nn.ModuleDict({
                "gate_proj": linear(width, inner, False), "up_proj": linear(width, inner, False), "down_proj": linear(inner, width, False),
            })  # fmt: skip
            self.input_layernorm, self.post_attention_layernorm = Root(width), Root(width)

        def forward(self, x):
            given, own = self.input_layernorm(x), self.self_attn
            q = turned(heads_of(own["q_proj"](given), self.heads))
            k = turned(heads_of(own["k_proj"](given), self.groups)).repeat_interleave(self.heads // self.groups, 1)
            v = heads_of(own["v_proj"](given), self.groups).repeat_interleave(self.heads // self.groups, 1)
            x = x + own["o_proj"](together(softmax_attention(q, k, v)))
            inner = self.post_attention_layernorm(x)
            return x + self.mlp["down_proj"](F.silu(self.mlp["gate_proj"](inner)) * self.mlp["up_proj"](inner))

    def __init__(self, width, layers, heads, keyValueHeads, expansion):
        super().__init__()
        self.layers = nn.ModuleList(self.Layer(width, heads, keyValueHeads, expansion * width) for _ in range(layers))
        self.norm = Root(width)

    def forward(self, x, elapsed):
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


def turned(x):
    """Each pair as a complex number, turned by its place."""
    half = x.shape[3] // 2
    angles = torch.arange(x.shape[2])[:, None] * 10_000.0 ** (-torch.arange(half).double() / half)
    z = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([z.real, z.imag], -1)


class Root(nn.Module):
    def __init__(self, width, epsilon=1e-6):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(width)), epsilon

    def forward(self, x):
        return self.weight * x / (x.pow(2).mean(-1, keepdim=True) + self.epsilon).sqrt()


class Sasrec(nn.Module):
    class Layer(nn.Module):
        def __init__(self, width, heads, inner, activation):
            super().__init__()
            self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width, eps=1e-8), nn.LayerNorm(width, eps=1e-8)
            self.attention, self.activation = Attention(width, heads), getattr(F, activation)
            self.feed_forward = nn.ModuleDict({"in": linear(width, inner), "out": linear(inner, width)})

        def forward(self, x):
            x = x + self.attention(self.attention_norm(x))
            return x + self.feed_forward["out"](self.activation(self.feed_forward["in"](self.feed_forward_norm(x))))

    def __init__(self, width, layers, heads, expansion, activation):
        super().__init__()
        self.positions = nn.Embedding(LONGEST, width)
        self.layers = nn.ModuleList(self.Layer(width, heads, expansion * width, activation) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=1e-8)

    def forward(self, x, elapsed):
        x = x + self.positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


class Ligr(nn.Module):
    class Layer(nn.Module):
        def __init__(self, width, heads, expansion):
            super().__init__()
            self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attention, self.feed_forward = Attention(width, heads), Gated(width, expansion * width)
            self.attention_gate, self.feed_forward_gate = linear(width, width), linear(width, width)

        def forward(self, x):
            x = x + self.attention_gate(x).sigmoid() * self.attention(self.attention_norm(x))
            return x + self.feed_forward_gate(x).sigmoid() * self.feed_forward(self.feed_forward_norm(x))

    def __init__(self, width, layers, heads, expansion):
        super().__init__()
        self.positions = nn.Embedding(LONGEST, width)
        self.layers = nn.ModuleList(self.Layer(width, heads, expansion) for _ in range(layers))

    def forward(self, x, elapsed):
        x = x + self.positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return x


class Hstu(nn.Module):
    class Layer(nn.Module):
        def __init__(self, width, heads, times):
            super().__init__()
            self.uvqk, self.o, self.heads = linear(width, 4 * width, False), linear(width, width), heads
            self.place_bias = nn.Parameter(torch.zeros(LONGEST))
            if times:
                self.time_bias = nn.Parameter(torch.zeros(BUCKETS))

        def forward(self, x, elapsed):
            width, time = x.shape[2], x.shape[1]
            u, v, q, k = F.silu(self.uvqk(F.layer_norm(x, [width], eps=1e-6))).chunk(4, -1)
            back = (torch.arange(time)[:, None] - torch.arange(time)[None, :]).clamp(min=0)
            bias = self.place_bias[back][None, None]
            if hasattr(self, "time_bias"):
                bias = bias + self.time_bias[buckets_of(elapsed)][:, None]
            q, k, v = [heads_of(part, self.heads) for part in (q, k, v)]
            weights = F.silu(q @ k.transpose(2, 3) + bias) / LONGEST * causal(time)
            return x + self.o(u * F.layer_norm(together(weights @ v), [width], eps=1e-6))

    def __init__(self, width, layers, heads, times):
        super().__init__()
        self.positions = nn.Embedding(LONGEST, width)
        self.layers = nn.ModuleList(self.Layer(width, heads, times) for _ in range(layers))

    def forward(self, x, elapsed):
        x = x * math.sqrt(x.shape[2]) + self.positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x, elapsed)
        return x


class Tisasrec(nn.Module):
    """As the paper has it: a vector for each pair of events."""

    class Layer(nn.Module):
        def __init__(self, width, heads, expansion):
            super().__init__()
            self.heads = heads
            self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width, eps=1e-8), nn.LayerNorm(width, eps=1e-8)
            self.attention = nn.ModuleDict({name: linear(width, width) for name in ("query", "key", "value")})
            self.feed_forward = nn.ModuleDict({"in": linear(width, expansion * width), "out": linear(expansion * width, width)})

        def forward(self, x, pair_keys, pair_values):
            batch, time, width = x.shape
            given = self.attention_norm(x)
            q, k, v = [self.attention[name](given) for name in ("query", "key", "value")]
            by_head = lambda pairs: pairs.view(batch, time, time, self.heads, width // self.heads)  # noqa: E731
            keys, values = by_head(k[:, None] + pair_keys), by_head(v[:, None] + pair_values)
            scores = torch.einsum("bihd,bijhd->bhij", q.view(batch, time, self.heads, -1), keys) / math.sqrt(width // self.heads)
            weights = scores.masked_fill(~causal(time), -math.inf).softmax(-1)
            x = x + torch.einsum("bhij,bijhd->bihd", weights, values).reshape(batch, time, width)
            inner = self.feed_forward_norm(x)
            return x + self.feed_forward["out"](F.gelu(self.feed_forward["in"](inner)))

    def __init__(self, width, layers, heads, expansion):
        super().__init__()
        self.place_keys, self.place_values = nn.Embedding(LONGEST, width), nn.Embedding(LONGEST, width)
        self.time_keys, self.time_values = nn.Embedding(BUCKETS, width), nn.Embedding(BUCKETS, width)
        self.layers = nn.ModuleList(self.Layer(width, heads, expansion) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=1e-8)

    def forward(self, x, elapsed):
        time, buckets = x.shape[1], buckets_of(elapsed)
        pairs = [places.weight[:time][None, None] + times.weight[buckets] for places, times in
                 ((self.place_keys, self.time_keys), (self.place_values, self.time_values))]  # fmt: skip
        for layer in self.layers:
            x = layer(x, *pairs)
        return self.norm(x)


class Lrurec(nn.Module):
    """One event after the other, in complex numbers."""

    class Layer(nn.Module):
        def __init__(self, width, expansion, states):
            super().__init__()
            self.lru = nn.ModuleDict({"in_proj": linear(width, 2 * states), "out_proj": linear(2 * states, width), "norm": nn.LayerNorm(width)})
            self.lru.register_parameter("params_log", nn.Parameter(torch.zeros(3, states)))
            self.feed_forward = nn.ModuleDict({
                "in": linear(width, expansion * width), "out": linear(expansion * width, width), "norm": nn.LayerNorm(width),
            })  # fmt: skip

        def forward(self, x):
            nu, theta, gamma = self.lru.params_log.exp()
            factor = torch.polar((-nu).exp(), theta)
            given = torch.complex(*self.lru["in_proj"](x).chunk(2, -1)) * gamma
            h, states = torch.zeros_like(given[:, 0]), []
            for at in range(x.shape[1]):
                h = factor * h + given[:, at]
                states.append(h)
            all_states = torch.stack(states, 1)
            x = self.lru["norm"](x + self.lru["out_proj"](torch.cat([all_states.real, all_states.imag], -1)))
            return self.feed_forward["norm"](x + self.feed_forward["out"](F.gelu(self.feed_forward["in"](x))))

    def __init__(self, width, layers, expansion, stateExpansion):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.layers = nn.ModuleList(self.Layer(width, expansion, stateExpansion * width) for _ in range(layers))

    def forward(self, x, elapsed):
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x)
        return x


class Mamba2(nn.Module):
    """The recurrence itself, one event after the other."""

    class Mixer(nn.Module):
        def __init__(self, width, heads, expansion, stateSize, kernelSize):
            super().__init__()
            self.inner, self.heads, self.state = expansion * width, heads, stateSize
            mixed = self.inner + 2 * stateSize
            self.in_proj, self.out_proj = linear(width, self.inner + mixed + heads, False), linear(self.inner, width, False)
            self.conv1d = nn.Conv1d(mixed, mixed, kernelSize, groups=mixed, padding=kernelSize - 1)
            self.A_log, self.D, self.dt_bias = [nn.Parameter(torch.zeros(heads)) for _ in range(3)]
            self.norm = Root(self.inner)

        def forward(self, x):
            batch, time, _ = x.shape
            gate, mixed, rate = self.in_proj(x).split([self.inner, self.inner + 2 * self.state, self.heads], -1)
            mixed = F.silu(self.conv1d(mixed.transpose(1, 2))[:, :, :time].transpose(1, 2))
            u, b, c = mixed.split([self.inner, self.state, self.state], -1)
            u = u.view(batch, time, self.heads, -1)
            rate = F.softplus(rate + self.dt_bias)
            h, out = torch.zeros(batch, self.heads, u.shape[3], self.state, dtype=x.dtype), []
            for at in range(time):
                step = rate[:, at, :, None, None]
                h = (step * -self.A_log.exp()[None, :, None, None]).exp() * h + step * u[:, at, :, :, None] * b[:, at, None, None]
                out.append((h @ c[:, at, None, :, None])[..., 0] + self.D[None, :, None] * u[:, at])
            return self.out_proj(self.norm(torch.stack(out, 1).reshape(batch, time, -1) * F.silu(gate)))

    class Layer(nn.Module):
        def __init__(self, width, **settings):
            super().__init__()
            self.norm, self.mixer = Root(width), Mamba2.Mixer(width, **settings)

        def forward(self, x):
            return x + self.mixer(self.norm(x))

    def __init__(self, width, layers, **settings):
        super().__init__()
        self.layers = nn.ModuleList(self.Layer(width, **settings) for _ in range(layers))
        self.norm_f = Root(width)

    def forward(self, x, elapsed):
        for layer in self.layers:
            x = layer(x)
        return self.norm_f(x)


PLAIN = {"sasrec": Sasrec, "ligr": Ligr, "hstu": Hstu, "tisasrec": Tisasrec, "lrurec": Lrurec, "mamba2": Mamba2}


def huggingface_llama(width, layers, heads, expansion, rotaryBase=10_000):
    config = LlamaConfig(
        vocab_size=3, hidden_size=width, intermediate_size=expansion * width, num_hidden_layers=layers, num_attention_heads=heads,
        max_position_embeddings=LONGEST, rms_norm_eps=1e-6,
    )  # fmt: skip
    model = LlamaModel(config).double().train()
    del model.embed_tokens
    half = width // heads // 2
    for layer in model.layers:
        # The tables of this version hold single precision, and its base is fixed.
        angles = torch.arange(LONGEST)[:, None] * float(rotaryBase) ** (-torch.arange(half).double() / half)
        both = torch.cat([angles, angles], -1)[None, None]
        layer.self_attn.rotary_emb.cos_cached, layer.self_attn.rotary_emb.sin_cached = both.cos(), both.sin()
    # Its norm and softmax work in single precision, whatever the model does: exchanged for the same in double.
    for module in model.modules():
        if type(module).__name__ == "LlamaRMSNorm":
            module.forward = (lambda own: lambda x: own.weight * x / (x.pow(2).mean(-1, keepdim=True) + own.variance_epsilon).sqrt())(module)
    return model


def make(kind, case, seed):
    settings = dict(CASES[kind][case])
    lengths = settings.pop("lengths")
    time = max(lengths)
    generator = torch.Generator().manual_seed(seed)
    is_huggingface = kind == "llama" and "keyValueHeads" not in settings
    if is_huggingface:
        model = huggingface_llama(**settings)
    else:
        model = {**PLAIN, "llama": GroupedLlama}[kind](**settings).double()
    randomise(model, generator)
    inputs_embeds, cotangent, mask = random_input(lengths, time, settings["width"], generator)
    gaps = (10 * torch.rand(len(lengths), time, generator=generator, dtype=torch.float64)).exp().floor()
    elapsed = (gaps.cumsum(1) - gaps[:, :1]).int()
    weights = parameters_of(model)

    def forward(inputs_embeds):
        if is_huggingface:
            return model(inputs_embeds=inputs_embeds, attention_mask=mask).last_hidden_state
        return model(inputs_embeds, elapsed)

    expected = expected_values(model, forward, {"inputs_embeds": inputs_embeds}, cotangent, mask)
    config = {
        "model": type(model).__name__,
        "made_with": {"torch": torch.__version__.split("+")[0]},
        "config": settings,
        "optimizer": {"name": "AdamW", "steps": STEPS, **ADAMW, "decayed": "parameters with more than one axis, but biases and logarithms"},
    }  # fmt: skip
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "elapsed": elapsed,
        "cotangent": cotangent,
    }
    write_fixture(kind, case, config, weights, inputs, expected)


for kind, cases in CASES.items():
    for seed, case in enumerate(cases, start=1):
        make(kind, case, seed)
