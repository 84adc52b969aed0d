"""Parity fixtures of the Longformer block, from Hugging Face's LongformerModel without a pooling layer, fed with `inputs_embeds`."""

from unittest.mock import patch

import torch
from transformers import LongformerConfig, LongformerModel

from fixture import described, expected_values, parameters_of, random_input, randomise, write_fixture

SMALL = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "attention_window": 4}
# What differs from one case to the next; time is the longest length. `global`: the event of each session that sees it whole.
CASES = {
    "local": {"global": "none", "lengths": [5, 12, 1, 9]},
    "local-wide": {"global": "none", "attention_window": 32, "num_hidden_layers": 1, "lengths": [6, 11]},
    "last": {"global": "last", "lengths": [5, 12, 1, 9]},
    "first": {"global": "first", "lengths": [3, 12, 7]},
    "last-three-layers": {"global": "last", "attention_window": 6, "num_hidden_layers": 3, "lengths": [12, 2, 8]},
    "first-four-heads": {"global": "first", "hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 1, "lengths": [11, 5]},
    "last-relu": {"global": "last", "hidden_act": "relu", "inner": 2, "layer_norm_eps": 1e-3, "num_hidden_layers": 1, "lengths": [7, 4]},
    "last-one-event": {"global": "last", "num_hidden_layers": 1, "lengths": [1]},
}  # fmt: skip
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
MAX_LENGTH = 12
# Two places are before the first position.
FIRST_POSITION = 2


def softmax(x, dim, dtype=None):
    """Hugging Face's is float32, whatever the model's dtype."""
    return torch.softmax(x, dim)


def global_mask(which, lengths, time):
    """`global_attention_mask` [batch, time]."""
    mask = torch.zeros((len(lengths), time))
    for row, length in enumerate(lengths):
        if which != "none":
            mask[row, 0 if which == "first" else length - 1] = 1
    return mask.double()


def lengthened(x, time):
    """Zeros behind: Hugging Face does the same up to a multiple of the window, but by its token table, which is left out here."""
    return torch.nn.functional.pad(x, (0, 0) * (x.dim() - 2) + (0, time - x.shape[1]))


def make(case, seed):
    settings = {"inner": 4, **SMALL, **CASES[case]}
    lengths, which = settings.pop("lengths"), settings.pop("global")
    width, window, time = settings["hidden_size"], settings["attention_window"], max(lengths)
    sizes = {"intermediate_size": settings.pop("inner") * width, "max_position_embeddings": MAX_LENGTH + FIRST_POSITION}
    config = LongformerConfig(vocab_size=3, pad_token_id=FIRST_POSITION - 1, **NO_DROPOUT, **sizes, **settings)
    generator = torch.Generator().manual_seed(seed)
    model = LongformerModel(config, add_pooling_layer=False).double().train()
    del model.embeddings.word_embeddings
    if which == "none":
        for layer in model.encoder.layer:
            attention = layer.attention.self
            del attention.query_global, attention.key_global, attention.value_global
    randomise(model, generator)
    inputs_embeds, cotangent, mask = random_input(lengths, time, width, generator)
    weights = parameters_of(model)
    whole = -(-time // window) * window
    positions = (torch.arange(whole).clamp(max=MAX_LENGTH - 1) + FIRST_POSITION).expand(len(lengths), whole)
    seen = {"attention_mask": lengthened(mask, whole), "position_ids": positions}
    if which != "none":
        seen["global_attention_mask"] = lengthened(global_mask(which, lengths, time), whole)

    def forward(inputs_embeds):
        with patch.object(torch.nn.functional, "softmax", softmax):
            hidden = model(inputs_embeds=lengthened(inputs_embeds, whole), **seen).last_hidden_state
        return hidden[:, :time]

    expected = expected_values(model, forward, {"inputs_embeds": inputs_embeds}, cotangent, mask)
    keys = ["hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size", "hidden_act"]
    keys += ["layer_norm_eps", "max_position_embeddings"]
    described_model = described(model, keys)
    described_model["config"] |= {"attention_window": window, "global": which}
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    write_fixture("longformer", case, described_model, weights, inputs, expected)


for seed, case in enumerate(CASES, start=1):
    make(case, seed)
