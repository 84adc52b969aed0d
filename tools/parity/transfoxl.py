"""Parity fixtures of the Transformer-XL block, from Hugging Face's TransfoXLModel fed with `inputs_embeds`, without memory."""

from unittest.mock import patch

import torch
from transformers import TransfoXLConfig, TransfoXLModel

from fixture import described, expected_values, parameters_of, random_input, randomise, write_fixture

SMALL = {"d_model": 16, "n_head": 2, "n_layer": 2}
# What differs from one case to the next; time is the longest length.
CASES = {
    "mixed-lengths": {"lengths": [5, 12, 1, 9]},
    "four-heads": {"d_model": 32, "n_head": 4, "n_layer": 1, "lengths": [12, 5]},
    "pre-norm": {"pre_lnorm": True, "lengths": [4, 9, 2]},
    "tied-biases": {"untie_r": False, "lengths": [7, 3]},
    "pre-norm-tied-biases": {"pre_lnorm": True, "untie_r": False, "inner": 2, "layer_norm_epsilon": 1e-3, "lengths": [6, 10]},
    "one-event": {"n_layer": 1, "lengths": [1]},
}  # fmt: skip
NO_DROPOUT = {"dropout": 0.0, "dropatt": 0.0}
# One table of words, which is never read.
NO_WORDS = {"vocab_size": 1, "cutoffs": [], "div_val": 1}
NO_MEMORY = {"mem_len": 0, "clamp_len": -1, "same_length": False}


def make(case, seed):
    settings = {"inner": 4, **SMALL, **CASES[case]}
    lengths, width = settings.pop("lengths"), settings["d_model"]
    sizes = {"d_embed": width, "d_head": width // settings["n_head"], "d_inner": settings.pop("inner") * width}
    config = TransfoXLConfig(**NO_WORDS, **NO_MEMORY, **NO_DROPOUT, **sizes, **settings)
    generator = torch.Generator().manual_seed(seed)
    model = TransfoXLModel(config).double().train()
    del model.word_emb
    randomise(model, generator)
    inputs_embeds, cotangent, mask = random_input(lengths, max(lengths), width, generator)
    weights = parameters_of(model)

    def forward(inputs_embeds):
        # What comes later is hidden, and so is padding, which comes last. Hugging Face masks scores in float32, whatever the model's dtype.
        with patch.object(torch.Tensor, "float", torch.Tensor.double):
            return model(inputs_embeds=inputs_embeds).last_hidden_state

    expected = expected_values(model, forward, {"inputs_embeds": inputs_embeds}, cotangent, mask)
    keys = ["d_model", "n_head", "n_layer", "d_inner", "pre_lnorm", "untie_r", "layer_norm_epsilon", *NO_MEMORY]
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    write_fixture("transfoxl", case, described(model, keys), weights, inputs, expected)


for seed, case in enumerate(CASES, start=1):
    make(case, seed)
