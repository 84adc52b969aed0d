"""Parity fixtures of BERT's relatives, from Hugging Face's models without a pooling layer, fed with `inputs_embeds`."""

import torch
from transformers import (
    AlbertConfig,
    AlbertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    RobertaConfig,
    RobertaModel,
)

from fixture import described, expected_values, parameters_of, random_input, randomise, write_fixture

SMALL = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "max_position_embeddings": 12}
# What differs from one case to the next; time is the longest length.
CASES = {
    "roberta": {
        "mixed-lengths": {"lengths": [5, 12, 1, 9]},
        "relu": {"hidden_act": "relu", "num_hidden_layers": 1, "lengths": [7, 3]},
    },
    "electra": {
        "mixed-lengths": {"lengths": [5, 12, 1, 9]},
        "narrow": {"embedding_size": 8, "num_hidden_layers": 1, "lengths": [12, 5]},
    },
    "albert": {
        "mixed-lengths": {"embedding_size": 8, "lengths": [5, 12, 1, 9]},
        "three-times": {"embedding_size": 16, "num_hidden_layers": 3, "hidden_act": "gelu", "lengths": [4, 7]},
    },
    "distilbert": {
        "mixed-lengths": {"lengths": [5, 12, 1, 9]},
        "four-heads": {"num_attention_heads": 4, "num_hidden_layers": 1, "lengths": [1, 6]},
    },
}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def model_of(kind, settings):
    """The model in double precision without its token table, and what runs it."""
    given = {"vocab_size": 3, "intermediate_size": 4 * settings["hidden_size"], **settings}
    if kind == "distilbert":
        names = {"hidden_size": "dim", "num_attention_heads": "n_heads", "num_hidden_layers": "n_layers", "intermediate_size": "hidden_dim"}  # fmt: skip
        config = DistilBertConfig(dropout=0.0, attention_dropout=0.0, **{names.get(key, key): value for key, value in given.items()})
        model = DistilBertModel(config).double().train()
    elif kind == "electra":
        model = ElectraModel(ElectraConfig(**NO_DROPOUT, **{"embedding_size": settings["hidden_size"], **given})).double().train()
    elif kind == "albert":
        model = AlbertModel(AlbertConfig(**NO_DROPOUT, **given), add_pooling_layer=False).double().train()
    else:
        # Two places are before the first position.
        given["max_position_embeddings"] += 2
        model = RobertaModel(RobertaConfig(**NO_DROPOUT, **given), add_pooling_layer=False).double().train()
    del model.embeddings.word_embeddings
    return model


def run(kind, model, inputs_embeds, mask):
    if kind != "distilbert":
        return model(inputs_embeds=inputs_embeds, attention_mask=mask).last_hidden_state
    # Its forward pass leaves out positions and norm where vectors are given.
    positions = torch.arange(inputs_embeds.shape[1])
    embedded = model.embeddings.LayerNorm(inputs_embeds + model.embeddings.position_embeddings(positions)[None])
    return model.transformer(x=embedded, attn_mask=mask, head_mask=[None] * model.config.n_layers)[0]


def make(kind, case, seed):
    settings = {**SMALL, **CASES[kind][case]}
    lengths = settings.pop("lengths")
    generator = torch.Generator().manual_seed(seed)
    model = model_of(kind, settings)
    randomise(model, generator)
    width = settings.get("embedding_size", settings["hidden_size"])
    inputs_embeds, _, mask = random_input(lengths, max(lengths), width, generator)
    _, cotangent, _ = random_input(lengths, max(lengths), settings["hidden_size"], generator)
    weights = parameters_of(model)
    expected = expected_values(
        model, lambda inputs_embeds: run(kind, model, inputs_embeds, mask), {"inputs_embeds": inputs_embeds}, cotangent, mask
    )
    config = described(model, [])
    config["config"] = {"hidden_act": "gelu_new" if kind == "albert" else "gelu", **settings}
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    write_fixture(kind, case, config, weights, inputs, expected)


for kind, cases in CASES.items():
    for seed, case in enumerate(cases, start=1):
        make(kind, case, seed)
