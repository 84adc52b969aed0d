"""Parity fixtures of the XLNet block, from Hugging Face's XLNetModel fed with `inputs_embeds`."""

import torch
from transformers import XLNetConfig, XLNetModel

from fixture import (
    described,
    expected_values,
    float32_exact,
    parameters_of,
    random_input,
    randomise,
    write_fixture,
)

SMALL = {"d_model": 16, "n_head": 2, "n_layer": 2, "attn_type": "bi"}
# What differs from one case to the next; time is the longest length.
# `masked`: the share of events that stand in a random order.
CASES = {
    "bi": {"lengths": [5, 12, 1, 9]},
    "bi-four-heads": {"d_model": 32, "n_head": 4, "n_layer": 1, "lengths": [12, 5]},
    "bi-relu": {"ff_activation": "relu", "n_layer": 1, "inner": 2, "lengths": [4, 7]},
    "bi-one-event": {"n_layer": 1, "lengths": [1]},
    "uni": {"attn_type": "uni", "lengths": [5, 12, 1, 9]},
    "uni-gelu-tanh": {"attn_type": "uni", "ff_activation": "gelu_new", "n_layer": 1, "lengths": [12, 5]},
    "uni-one-event": {"attn_type": "uni", "n_layer": 1, "lengths": [1]},
    "two-stream": {"masked": 0.5, "lengths": [5, 12, 1, 9]},
    "two-stream-one-layer": {"masked": 0.3, "n_layer": 1, "lengths": [12, 7]},
    "two-stream-four-heads": {"masked": 0.8, "d_model": 32, "n_head": 4, "lengths": [6, 8]},
}


def permutation_mask(lengths, time, share, generator):
    """`perm_mask` [batch, time, time]: 1 where event i may not see event j, as in permutation language modelling.

    Masked events come in a random order, the others before them all: order −1. i may not see j when j is masked and does
    not come before i. One event a session stays open: a query that sees nothing would average over padding.
    """
    order = torch.full((len(lengths), time), -1)
    for row, length in enumerate(lengths):
        masked = torch.rand(time, generator=generator, dtype=torch.float64) < share
        masked[int(torch.randint(length, (1,), generator=generator))] = False
        order[row] = torch.where(masked, torch.randperm(time, generator=generator), -1)
    is_masked = order >= 0
    return (is_masked[:, None, :] & (order[:, :, None] <= order[:, None, :])).double()


def make(case, seed):
    settings = {"inner": 4, "masked": None, **SMALL, **CASES[case]}
    lengths, share = settings.pop("lengths"), settings.pop("masked")
    time = max(lengths)
    inner = settings.pop("inner") * settings["d_model"]
    config = XLNetConfig(vocab_size=1, dropout=0.0, d_inner=inner, use_mems_train=False, **settings)
    generator = torch.Generator().manual_seed(seed)
    model = XLNetModel(config).double().train()
    # Never read: inputs come as vectors, and there are no token types.
    del model.word_embedding
    for layer in model.layer:
        del layer.rel_attn.r_s_bias, layer.rel_attn.seg_embed
    # The query stream's start is an input here.
    del model.mask_emb
    randomise(model, generator)
    # Hugging Face makes the sinusoids in float32, whatever the model's dtype.
    sinusoids = model.relative_positional_encoding
    model.relative_positional_encoding = lambda *sizes, **more: sinusoids(*sizes, **more).double()
    # In 4.30.2 this method ends in an error. This is what its documentation says it gives.
    model.create_mask = lambda time, _: torch.ones((time, time), dtype=torch.float64).triu(1)
    inputs_embeds, cotangent, mask = random_input(lengths, time, config.d_model, generator)
    weights = parameters_of(model)
    differentiated = {"inputs_embeds": inputs_embeds}
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    # Hugging Face cannot put a causal mask and a mask of padding together. The causal one alone hides what comes after.
    seen = {} if config.attn_type == "uni" else {"attention_mask": mask}
    if share is not None:
        seen["perm_mask"] = permutation_mask(lengths, time, share, generator)
        seen["target_mapping"] = torch.eye(time, dtype=torch.float64).expand(len(lengths), time, time)
        inputs["perm_mask"] = seen["perm_mask"].int()
        mask_emb = float32_exact(torch.randn((1, 1, config.d_model), generator=generator, dtype=torch.float64))
        differentiated["mask_emb"] = inputs["mask_emb"] = mask_emb

    def forward(inputs_embeds, mask_emb=None):
        model.mask_emb = mask_emb
        return model(inputs_embeds=inputs_embeds, **seen).last_hidden_state

    expected = expected_values(model, forward, differentiated, cotangent, mask)
    keys = ["d_model", "n_head", "n_layer", "d_inner", "attn_type", "ff_activation", "layer_norm_eps"]
    write_fixture("xlnet", case, described(model, keys), weights, inputs, expected)


for seed, case in enumerate(CASES, start=1):
    make(case, seed)
