"""The training step of every block, in PyTorch: Hugging Face's models where it has the block, else modules as a user who knows PyTorch would write them.

The commands are those of torch_step.py; `setup` takes the block and its options besides. See README.md. With `--check` the modules below are compared with the parity fixtures instead.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from torch_step import FIRST_ITEM, PADDING, Layer, Stepper, initialise, serve

BUCKETS = math.floor(math.log(2**31) / 0.301) + 1


def dropped(module, x):
    return F.dropout(x, module.dropout, module.training)


def heads_of(x, heads):
    """[batch, time, width] to [batch, heads, time, head width]."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def together(x):
    return x.transpose(1, 2).flatten(2)


def buckets_of(elapsed):
    """The time between two events, by its logarithm: [batch, time, time]."""
    apart = (elapsed[:, :, None] - elapsed[:, None, :]).abs().float()
    return (apart.clamp(min=1).log() / 0.301).long().clamp(max=BUCKETS - 1)


class RootNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


# Plain modules. Parameters are named as ours. forward(x, elapsed, real, causal):
# x [batch, time, width]; elapsed [batch, time] seconds; real [batch, time] true where an event is; causal [time, time].


class Sasrec(nn.Module):
    def __init__(self, places, *, width, layers, heads, dropout, **_):
        super().__init__()
        self.dropout = dropout
        self.positions = nn.Embedding(places, width)
        self.layers = nn.ModuleList(Layer(width, heads, dropout, "sdpa") for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, x, elapsed, real, causal):
        x = dropped(self, x + self.positions.weight[: x.shape[1]])
        mask = causal & real[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class Ligr(nn.Module):
    class Attention(nn.Module):
        def __init__(self, width, heads, dropout):
            super().__init__()
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.heads, self.dropout = heads, dropout

        def forward(self, x, mask):
            query, key, value = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
            dropout = self.dropout if self.training else 0.0
            return self.out(together(F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)))

    class Gated(nn.Module):
        """SwiGLU."""

        def __init__(self, width, inner, dropout):
            super().__init__()
            self.gate, self.up = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
            self.down, self.dropout = nn.Linear(inner, width, bias=False), dropout

        def forward(self, x):
            return self.down(dropped(self, F.silu(self.gate(x)) * self.up(x)))

    class Layer(nn.Module):
        def __init__(self, width, heads, expansion, dropout):
            super().__init__()
            self.dropout = dropout
            self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attention = Ligr.Attention(width, heads, dropout)
            self.feed_forward = Ligr.Gated(width, expansion * width, dropout)
            self.attention_gate, self.feed_forward_gate = nn.Linear(width, width), nn.Linear(width, width)

        def forward(self, x, mask):
            x = x + self.attention_gate(x).sigmoid() * dropped(self, self.attention(self.attention_norm(x), mask))
            return x + self.feed_forward_gate(x).sigmoid() * dropped(self, self.feed_forward(self.feed_forward_norm(x)))

    def __init__(self, places, *, width, layers, heads, expansion, dropout, **_):
        super().__init__()
        self.dropout = dropout
        self.positions = nn.Embedding(places, width)
        self.layers = nn.ModuleList(self.Layer(width, heads, expansion, dropout) for _ in range(layers))

    def forward(self, x, elapsed, real, causal):
        x = dropped(self, x + self.positions.weight[: x.shape[1]])
        mask = causal & real[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return x


class Hstu(nn.Module):
    class Layer(nn.Module):
        def __init__(self, places, width, heads, times, dropout):
            super().__init__()
            self.uvqk, self.o = nn.Linear(width, 4 * width, bias=False), nn.Linear(width, width)
            self.places, self.heads, self.dropout = places, heads, dropout
            self.place_bias = nn.Parameter(0.02 * torch.randn(places))
            if times:
                self.time_bias = nn.Parameter(0.02 * torch.randn(BUCKETS))

        def forward(self, x, back, buckets, mask):
            width = x.shape[-1:]
            u, v, q, k = F.silu(self.uvqk(F.layer_norm(x, width, eps=1e-6))).chunk(4, -1)
            # index_select on flat indices, as in the authors' code: the gradient of x[indices] is slower.
            bias = self.place_bias.index_select(0, back.flatten()).view(back.shape)
            if buckets is not None:
                bias = bias + self.time_bias.index_select(0, buckets.flatten()).view(buckets.shape)
            q, k, v = (heads_of(part, self.heads) for part in (q, k, v))
            weights = F.silu(q @ k.transpose(2, 3) + bias) / self.places * mask
            return x + self.o(dropped(self, u * F.layer_norm(together(weights @ v), width, eps=1e-6)))

    def __init__(self, places, *, width, layers, heads, times, dropout, **_):
        super().__init__()
        self.times, self.dropout = times, dropout
        self.positions = nn.Embedding(places, width)
        self.layers = nn.ModuleList(self.Layer(places, width, heads, times, dropout) for _ in range(layers))

    def forward(self, x, elapsed, real, causal):
        time = torch.arange(x.shape[1])
        back = (time[:, None] - time[None, :]).clamp(min=0)
        buckets = buckets_of(elapsed)[:, None] if self.times else None
        mask = (causal & real[:, None, None, :]).to(x.dtype)
        x = dropped(self, x * math.sqrt(x.shape[2]) + self.positions.weight[: x.shape[1]])
        for layer in self.layers:
            x = layer(x, back, buckets, mask)
        return x


class Tisasrec(nn.Module):
    class Layer(nn.Module):
        def __init__(self, width, heads, expansion, dropout):
            super().__init__()
            self.heads, self.dropout = heads, dropout
            self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width, eps=1e-8), nn.LayerNorm(width, eps=1e-8)
            self.attention = nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value")})
            inner = expansion * width
            self.feed_forward = nn.ModuleDict({"in": nn.Linear(width, inner), "out": nn.Linear(inner, width)})

        def forward(self, x, known, mask):
            given = self.attention_norm(x)
            q, k, v = (self.attention[name](given) for name in ("query", "key", "value"))
            q = heads_of(q, self.heads) / math.sqrt(q.shape[2] // self.heads)
            k, v = heads_of(k + known["place_keys"], self.heads), heads_of(v + known["place_values"], self.heads)
            scores = q @ k.transpose(2, 3) + self.by_time(q, known)
            weights = dropped(self, scores.masked_fill(~mask, -torch.inf).softmax(-1))
            x = x + dropped(self, together(weights @ v + self.of_times(weights, known)))
            inner = F.gelu(self.feed_forward["in"](self.feed_forward_norm(x)))
            return x + dropped(self, self.feed_forward["out"](inner))

        def by_time(self, q, known):
            if known["pairs"]:
                return (known["time_keys"] @ q[..., None]).squeeze(-1)
            table = heads_of(known["time_keys"][None], self.heads)
            return (q @ table.transpose(2, 3)).gather(-1, known["buckets"].expand(-1, self.heads, -1, -1))

        def of_times(self, weights, known):
            if known["pairs"]:
                return (weights[..., None, :] @ known["time_values"]).squeeze(-2)
            sums = weights.new_zeros(*weights.shape[:3], BUCKETS)
            sums = sums.scatter_add(-1, known["buckets"].expand(-1, self.heads, -1, -1), weights)
            return sums @ heads_of(known["time_values"][None], self.heads)

    def __init__(self, places, *, width, layers, heads, expansion, dropout, pairs=False, **_):
        """`pairs`: a vector for each pair of events, as the paper's code; else a query meets each bucket once."""
        super().__init__()
        self.heads, self.dropout, self.pairs = heads, dropout, pairs
        self.place_keys, self.place_values = nn.Embedding(places, width), nn.Embedding(places, width)
        self.time_keys, self.time_values = nn.Embedding(BUCKETS, width), nn.Embedding(BUCKETS, width)
        self.layers = nn.ModuleList(self.Layer(width, heads, expansion, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width, eps=1e-8)

    def forward(self, x, elapsed, real, causal):
        length, buckets = x.shape[1], buckets_of(elapsed)
        known = {"pairs": self.pairs, "buckets": buckets[:, None]}
        for name in ("place_keys", "place_values"):
            # One mask for each session, as ours.
            known[name] = dropped(self, getattr(self, name).weight[:length].expand_as(x))
        for name in ("time_keys", "time_values"):
            table = getattr(self, name)
            # [batch, heads, time, time, head width]
            known[name] = table(buckets).unflatten(-1, (self.heads, -1)).permute(0, 3, 1, 2, 4) if self.pairs else table.weight
        x = dropped(self, x)
        mask = causal & real[:, None, None, :]
        for layer in self.layers:
            x = layer(x, known, mask)
        return self.norm(x)


class Lrurec(nn.Module):
    class Layer(nn.Module):
        def __init__(self, width, expansion, states, dropout):
            super().__init__()
            self.dropout = dropout
            self.lru = nn.ModuleDict({
                "in_proj": nn.Linear(width, 2 * states), "out_proj": nn.Linear(2 * states, width), "norm": nn.LayerNorm(width),
            })  # fmt: skip
            # Magnitudes within the ring from 0.8 to 0.99.
            nu = (-0.5 * (torch.rand(states) * (0.99**2 - 0.8**2) + 0.8**2).log()).log()
            theta = (2 * math.pi * torch.rand(states).clamp(min=1e-6)).log()
            gamma = 0.5 * torch.log1p(-(-2 * nu.exp()).exp())
            self.lru.register_parameter("params_log", nn.Parameter(torch.stack([nu, theta, gamma])))
            inner = expansion * width
            self.feed_forward = nn.ModuleDict({
                "in": nn.Linear(width, inner), "out": nn.Linear(inner, width), "norm": nn.LayerNorm(width),
            })  # fmt: skip

        def forward(self, x):
            nu, theta, gamma = self.lru.params_log.exp()
            given = torch.complex(*(part * gamma for part in self.lru["in_proj"](x).chunk(2, -1)))
            states = scanned(given, torch.polar((-nu).exp(), theta))
            out = self.lru["out_proj"](torch.cat([states.real, states.imag], -1))
            x = self.lru["norm"](x + dropped(self, out))
            inner = dropped(self, F.gelu(self.feed_forward["in"](x)))
            return self.feed_forward["norm"](x + dropped(self, self.feed_forward["out"](inner)))

    def __init__(self, places, *, width, layers, expansion, stateExpansion, dropout, **_):
        super().__init__()
        self.dropout = dropout
        self.norm = nn.LayerNorm(width)
        self.layers = nn.ModuleList(self.Layer(width, expansion, stateExpansion * width, dropout) for _ in range(layers))

    def forward(self, x, elapsed, real, causal):
        x = self.norm(dropped(self, x))
        for layer in self.layers:
            x = layer(x)
        return x


def scanned(given, factor):
    """h_t = factor · h_{t−1} + given_t in log₂(time) rounds, as LRURec's authors: each joins neighbouring halves. given [batch, time, states]."""
    batch, time, states = given.shape
    whole = 1 << max(time - 1, 0).bit_length()
    # Padding, which is behind every event, needs no mask: nothing before it reads it.
    h, powers = F.pad(given, (0, 0, 0, whole - time)), factor[None]
    length = 2
    while length <= whole:
        left, right = h.view(-1, length, states).chunk(2, 1)
        h = torch.cat([left, right + powers * left[:, -1:]], 1)
        powers = torch.cat([powers, powers * powers[-1]])
        length *= 2
    return h.view(batch, whole, states)[:, :time]


class Mamba2(nn.Module):
    class Mixer(nn.Module):
        def __init__(self, width, heads, expansion, stateSize, kernelSize):
            super().__init__()
            self.inner, self.heads, self.state = expansion * width, heads, stateSize
            mixed = self.inner + 2 * stateSize
            self.in_proj = nn.Linear(width, self.inner + mixed + heads, bias=False)
            self.out_proj = nn.Linear(self.inner, width, bias=False)
            self.conv1d = nn.Conv1d(mixed, mixed, kernelSize, groups=mixed, padding=kernelSize - 1)
            self.A_log = nn.Parameter((1 + 15 * torch.rand(heads)).log())
            self.D = nn.Parameter(torch.ones(heads))
            rate = 1e-3 * 100 ** torch.rand(heads)
            self.dt_bias = nn.Parameter(rate + (-torch.expm1(-rate)).log())
            self.norm = RootNorm(self.inner)

        def forward(self, x, causal):
            gate, mixed, rate = self.in_proj(x).split([self.inner, self.inner + 2 * self.state, self.heads], -1)
            mixed = F.silu(self.conv1d(mixed.transpose(1, 2))[:, :, : x.shape[1]].transpose(1, 2))
            u, b, c = mixed.split([self.inner, self.state, self.state], -1)
            u = heads_of(u, self.heads)
            rate = F.softplus(rate + self.dt_bias).transpose(1, 2)  # [batch, heads, time]
            faded = (rate * -self.A_log.exp()[:, None]).cumsum(-1)
            decay = (faded[..., :, None] - faded[..., None, :]).masked_fill(~causal, -torch.inf).exp()
            weights = (c @ b.transpose(1, 2))[:, None] * decay
            y = weights @ (u * rate[..., None]) + u * self.D[:, None, None]
            return self.out_proj(self.norm(together(y) * F.silu(gate)))

    class Layer(nn.Module):
        def __init__(self, width, dropout, **options):
            super().__init__()
            self.norm, self.mixer, self.dropout = RootNorm(width), Mamba2.Mixer(width, **options), dropout

        def forward(self, x, causal):
            return x + dropped(self, self.mixer(self.norm(x), causal))

    def __init__(self, places, *, width, layers, dropout, **options):
        super().__init__()
        self.dropout = dropout
        self.layers = nn.ModuleList(self.Layer(width, dropout, **options) for _ in range(layers))
        self.norm_f = RootNorm(width)

    def forward(self, x, elapsed, real, causal):
        x = dropped(self, x)
        for layer in self.layers:
            x = layer(x, causal)
        return self.norm_f(x)


class Recurrent(nn.Module):
    """Padding is behind every event, so that sessions need not be packed."""

    def __init__(self, module, *, width, layers, dropout, **_):
        super().__init__()
        self.module = module(width, width, layers, batch_first=True, dropout=dropout)

    def forward(self, x, elapsed, real, causal):
        return self.module(x)[0]


PLAIN = {
    "sasrec": Sasrec,
    "ligr": Ligr,
    "hstu": Hstu,
    "tisasrec": Tisasrec,
    "lrurec": Lrurec,
    "mamba2": Mamba2,
    "gru": lambda places, **options: Recurrent(nn.GRU, **options),
    "lstm": lambda places, **options: Recurrent(nn.LSTM, **options),
}


class HuggingFace(nn.Module):
    """A model without its token table and pooling, fed with vectors; what our block does not have, either, is taken out."""

    def __init__(self, model, run):
        super().__init__()
        self.model, self.run = model, run

    def forward(self, x, elapsed, real, causal):
        return self.run(self.model, x, real)


def encoder_config(o, places):
    return {
        "vocab_size": 3, "hidden_size": o["width"], "num_hidden_layers": o["layers"], "num_attention_heads": o["heads"],
        "intermediate_size": o["expansion"] * o["width"], "max_position_embeddings": places, "hidden_act": o["activation"],
        "hidden_dropout_prob": o["dropout"], "attention_probs_dropout_prob": o["dropout"], "layer_norm_eps": o["epsilon"],
    }  # fmt: skip


def states(model, x, real):
    return model(inputs_embeds=x, attention_mask=real).last_hidden_state


def encoder(name, first_position=0, **more):
    """BERT and those of its relatives that take the same arguments."""

    def make(places, o):
        import transformers

        config_class, model_class = getattr(transformers, f"{name}Config"), getattr(transformers, f"{name}Model")
        config = config_class(**encoder_config(o, places + first_position))
        if hasattr(config, "embedding_size"):
            config.embedding_size = o.get("embeddingWidth", o["width"])
        model = model_class(config, **more)
        del model.embeddings.word_embeddings
        return HuggingFace(model, states)

    return make


def distilbert(places, o):
    from transformers import DistilBertConfig, DistilBertModel

    sizes = {"dim": o["width"], "n_layers": o["layers"], "n_heads": o["heads"], "hidden_dim": o["expansion"] * o["width"]}
    config = DistilBertConfig(
        vocab_size=3, max_position_embeddings=places, dropout=o["dropout"], attention_dropout=o["dropout"], activation=o["activation"], **sizes
    )
    model = DistilBertModel(config)
    del model.embeddings.word_embeddings

    def run(model, x, real):
        # Its forward pass leaves out positions and norm where vectors are given.
        own = model.embeddings
        x = own.dropout(own.LayerNorm(x + own.position_embeddings(torch.arange(x.shape[1]))[None]))
        return model.transformer(x=x, attn_mask=real, head_mask=[None] * config.n_layers)[0]

    return HuggingFace(model, run)


def longformer(places, o):
    from transformers import LongformerConfig, LongformerModel

    window = o["window"]
    config = LongformerConfig(**encoder_config(o, places + 2), attention_window=window, pad_token_id=1)
    model = LongformerModel(config, add_pooling_layer=False)
    del model.embeddings.word_embeddings
    if o["global"] == "none":
        for layer in model.encoder.layer:
            attention = layer.attention.self
            del attention.query_global, attention.key_global, attention.value_global

    def run(model, x, real):
        time = x.shape[1]
        # Up to a multiple of the window, which it does itself only with its token table.
        more = -time % window
        x, real = F.pad(x, (0, 0, 0, more)), F.pad(real.long(), (0, more))
        position_ids = (torch.arange(time + more).clamp(max=places - 1) + 2).expand(len(x), -1)
        seen = {}
        if o["global"] != "none":
            seen["global_attention_mask"] = torch.zeros_like(real)
            edge = torch.zeros(len(x), dtype=torch.long) if o["global"] == "first" else real.sum(1) - 1
            seen["global_attention_mask"].scatter_(1, edge[:, None], 1)
        return model(inputs_embeds=x, attention_mask=real, position_ids=position_ids, **seen).last_hidden_state[:, :time]

    return HuggingFace(model, run)


def gpt2(places, o):
    from transformers import GPT2Config, GPT2Model

    rates = dict.fromkeys(["resid_pdrop", "embd_pdrop", "attn_pdrop"], o["dropout"])
    model = GPT2Model(GPT2Config(
        vocab_size=1, n_positions=places, n_embd=o["width"], n_layer=o["layers"], n_head=o["heads"], activation_function=o["activation"],
        layer_norm_epsilon=o["epsilon"], use_cache=False, bos_token_id=0, eos_token_id=0, **rates,
    ))  # fmt: skip
    del model.wte
    return HuggingFace(model, states)


def llama(places, o):
    from transformers import LlamaConfig, LlamaModel

    if o["dropout"] != 0 or o["keyValueHeads"] != o["heads"]:
        raise ValueError("setup: this version's LLaMA has no dropout and no shared keys; both sides must do without")
    model = LlamaModel(LlamaConfig(
        vocab_size=3, hidden_size=o["width"], intermediate_size=o["expansion"] * o["width"], num_hidden_layers=o["layers"],
        num_attention_heads=o["heads"], max_position_embeddings=places, rms_norm_eps=o["epsilon"], use_cache=False,
    ))  # fmt: skip
    del model.embed_tokens
    return HuggingFace(model, states)


def transfoxl(places, o):
    from transformers import TransfoXLConfig, TransfoXLModel

    model = TransfoXLModel(TransfoXLConfig(
        vocab_size=1, cutoffs=[], div_val=1, mem_len=0, clamp_len=-1, same_length=False, d_model=o["width"], d_embed=o["width"],
        n_head=o["heads"], d_head=o["width"] // o["heads"], d_inner=o["expansion"] * o["width"], n_layer=o["layers"], dropout=o["dropout"],
        dropatt=o["attentionDropout"], pre_lnorm=o["preNorm"], untie_r=not o["tieBiases"], layer_norm_epsilon=o["epsilon"],
    ))  # fmt: skip
    del model.word_emb
    return HuggingFace(model, lambda model, x, real: model(inputs_embeds=x).last_hidden_state)


def xlnet(places, o):
    from transformers import XLNetConfig, XLNetModel

    model = XLNetModel(XLNetConfig(
        vocab_size=1, d_model=o["width"], n_layer=o["layers"], n_head=o["heads"], d_inner=o["expansion"] * o["width"],
        ff_activation=o["activation"], dropout=o["dropout"], layer_norm_eps=o["epsilon"], attn_type="uni", use_mems_train=False,
    ))  # fmt: skip
    # Never read: inputs come as vectors, without token types and second stream.
    del model.word_embedding, model.mask_emb
    for layer in model.layer:
        del layer.rel_attn.r_s_bias, layer.rel_attn.seg_embed
    # In 4.30.2 this method ends in an error. This is what its documentation says it gives.
    model.create_mask = lambda time, _: torch.ones(time, time).triu(1)
    # A causal mask and one of padding cannot be put together.
    return HuggingFace(model, lambda model, x, real: model(inputs_embeds=x).last_hidden_state)


HUGGING_FACE = {
    "albert": encoder("Albert", add_pooling_layer=False),
    "bert": encoder("Bert", add_pooling_layer=False),
    "distilbert": distilbert,
    "electra": encoder("Electra"),
    "gpt2": gpt2,
    "llama": llama,
    "longformer": longformer,
    "roberta": encoder("Roberta", first_position=2, add_pooling_layer=False),
    "transfoxl": transfoxl,
    "xlnet": xlnet,
}


def block_of(kind, places, options):
    if kind in HUGGING_FACE:
        return HUGGING_FACE[kind](places, options)
    module = PLAIN[kind](places, **options)
    if kind not in ("gru", "lstm"):
        module.apply(initialise)
    return module


class NextItem(nn.Module):
    """Item embeddings, hidden where `hidden` says, through the block; scores of all items by the same table."""

    def __init__(self, block, *, items, width, time, masking):
        super().__init__()
        self.items = nn.Embedding(FIRST_ITEM + items, width, padding_idx=PADDING)
        initialise(self.items)
        self.vector = nn.Parameter(0.02 * torch.randn(width)) if masking == "masked" else None
        self.block = block
        self.register_buffer("causal", torch.ones(time, time, dtype=torch.bool).tril(), persistent=False)

    def forward(self, ids, hidden, elapsed, labelled, targets):
        x = self.items(ids)
        if self.vector is not None:
            x = torch.where(hidden[:, :, None], self.vector, x)
        states = self.block(x, elapsed, ids != PADDING, self.causal)
        rows = states.flatten(0, 1).index_select(0, labelled)
        return F.cross_entropy(rows @ self.items.weight[FIRST_ITEM:].T, targets)


def random_batches(count, *, items, batch, time, masking, share, seed):
    """Full sessions: ids, what is hidden of them, seconds since the first event, labelled positions, targets."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        session = torch.randint(FIRST_ITEM, FIRST_ITEM + items, (batch, time + 1), generator=generator)
        gaps = (10 * torch.rand(batch, time, generator=generator)).exp().long()
        elapsed = gaps.cumsum(1) - gaps[:, :1]
        ids = session[:, :-1].contiguous()
        hidden = torch.zeros(batch, time, dtype=torch.bool)
        if masking == "masked":
            chosen = torch.rand(batch, time, generator=generator).argsort(1)[:, : max(1, round(share * time))]
            hidden.scatter_(1, chosen, True)
            labelled = hidden.flatten().nonzero().flatten()
            yield ids, hidden, elapsed, labelled, ids.flatten()[labelled] - FIRST_ITEM
        else:
            yield ids, hidden, elapsed, torch.arange(batch * time), session[:, 1:].flatten() - FIRST_ITEM


class BlockTrainer(Stepper):
    def __init__(self, s):
        torch.manual_seed(s["seed"])
        torch.set_num_threads(s["threads"])
        block = block_of(s["block"], s["places"], s["options"])
        width = s["options"]["width"]
        model = NextItem(block, items=s["items"], width=width, time=s["time"], masking=s["masking"]).train()
        data = {key: s[key] for key in ("items", "batch", "time", "masking", "share", "seed")}
        super().__init__(model, list(random_batches(8, **data)), device="cpu", optimizer="fused")
        self.from_ = f"transformers {__import__('transformers').__version__}" if s["block"] in HUGGING_FACE else "PyTorch"

    def described(self):
        return super().described() | {"from": self.from_}


def check():
    """The plain modules give the states of the parity fixtures, whose parameters have the same names."""
    from safetensors.torch import load_file

    fixtures = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "parity"
    for kind in ("ligr", "hstu", "tisasrec", "lrurec", "mamba2"):
        for folder in sorted((fixtures / kind).iterdir()):
            options = json.loads((folder / "config.json").read_text())["config"] | {"dropout": 0.0}
            weights, given, expected = (load_file(folder / f"{name}.safetensors") for name in ("weights", "input", "expected"))
            for more in ({}, {"pairs": True}) if kind == "tisasrec" else ({},):
                module = PLAIN[kind](12, **options, **more)
                module.load_state_dict(weights)
                x = given["inputs_embeds"]
                time = x.shape[1]
                real = torch.arange(time)[None, :] < given["lengths"][:, None]
                hidden = module(x, given["elapsed"], real, torch.ones(time, time, dtype=torch.bool).tril()) * real[:, :, None]
                loss = (hidden * given["cotangent"]).sum()
                loss.backward()
                worst = (hidden - expected["hidden"]).abs().max().item()
                # Against the largest of all: some are nothing but rounding, such as those of a key's bias.
                gradients = {name: expected[f"grad.{name}"] for name, _ in module.named_parameters()}
                largest = max(gradient.abs().max() for gradient in gradients.values())
                apart = [(parameter.grad - gradients[name]).abs().max() for name, parameter in module.named_parameters()]
                gradient = (max(apart) / largest).item()
                print(f"{kind}/{folder.name} {more or ''}: states differ by {worst:.1e}, gradients by {gradient:.1e} of the largest")
                if worst > 1e-5 or gradient > 1e-5:
                    raise SystemExit(f"{kind}/{folder.name} is not the same block")


if __name__ == "__main__":
    if "--check" in sys.argv:
        check()
    else:
        serve(BlockTrainer)
