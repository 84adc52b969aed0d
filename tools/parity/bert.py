"""Parity fixtures of the BERT block, from Hugging Face's BertModel without a pooling layer, fed with `inputs_embeds`."""

import torch
from transformers import BertConfig, BertModel

from fixture import described, expected_values, parameters_of, random_input, randomise, write_fixture

SMALL = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "max_position_embeddings": 12}
# What differs from one case to the next; time is the longest length.
CASES = {
    "mixed-lengths": {"lengths": [5, 12, 1, 9]},
    "four-heads": {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 1, "lengths": [12, 5]},
    "gelu-tanh": {"hidden_act": "gelu_new", "num_hidden_layers": 1, "lengths": [12, 1, 5]},
    "relu": {"hidden_act": "relu", "num_hidden_layers": 1, "intermediate": 2, "lengths": [7, 3]},
    # Fewer events than positions: the gradient of the unused positions is zero, yet weight decay moves them.
    "short": {"num_hidden_layers": 1, "lengths": [5, 5]},
    "one-event": {"num_hidden_layers": 1, "lengths": [1]},
}


def make(case, seed):
    settings = {"intermediate": 4, **SMALL, **CASES[case]}
    lengths = settings.pop("lengths")
    intermediate = settings.pop("intermediate") * settings["hidden_size"]
    config = BertConfig(
        vocab_size=1, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, intermediate_size=intermediate, **settings,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(seed)
    model = BertModel(config, add_pooling_layer=False).double().train()
    # The token table is never read: inputs come as vectors.
    del model.embeddings.word_embeddings
    randomise(model, generator)
    inputs_embeds, cotangent, mask = random_input(lengths, max(lengths), config.hidden_size, generator)
    weights = parameters_of(model)

    def forward(inputs_embeds):
        return model(inputs_embeds=inputs_embeds, attention_mask=mask).last_hidden_state

    expected = expected_values(model, forward, {"inputs_embeds": inputs_embeds}, cotangent, mask)
    keys = [
        "hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size", "max_position_embeddings",
        "hidden_act", "layer_norm_eps",
    ]  # fmt: skip
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    write_fixture("bert", case, described(model, keys), weights, inputs, expected)


for seed, case in enumerate(CASES, start=1):
    make(case, seed)
