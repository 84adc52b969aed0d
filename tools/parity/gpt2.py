"""Parity fixtures of the GPT-2 block, from Hugging Face's GPT2Model fed with `inputs_embeds`."""

import torch
from transformers import GPT2Config, GPT2Model

from fixture import described, expected_values, parameters_of, random_input, randomise, write_fixture

# What differs from one case to the next; time is the longest length.
CASES = {
    "mixed-lengths": {"n_embd": 16, "n_head": 2, "n_layer": 2, "n_positions": 12, "lengths": [5, 12, 1, 9]},
    "four-heads": {"n_embd": 32, "n_head": 4, "n_layer": 1, "n_positions": 12, "lengths": [12, 5]},
    "gelu-erf": {
        "n_embd": 16,
        "n_head": 2,
        "n_layer": 2,
        "n_positions": 12,
        "activation_function": "gelu",
        "lengths": [12, 1, 5],
    },
    # Fewer events than positions: the gradient of the unused positions is zero, yet weight decay moves them.
    "short": {"n_embd": 16, "n_head": 2, "n_layer": 1, "n_positions": 12, "lengths": [5, 5]},
    "one-event": {"n_embd": 16, "n_head": 2, "n_layer": 1, "n_positions": 12, "lengths": [1]},
}


def make(case, seed):
    settings = dict(CASES[case])
    lengths = settings.pop("lengths")
    config = GPT2Config(
        vocab_size=1, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False,
        bos_token_id=0, eos_token_id=0, **settings,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(seed)
    model = GPT2Model(config).double().train()
    # The token table is never read: inputs come as vectors.
    del model.wte
    randomise(model, generator)
    inputs_embeds, cotangent, mask = random_input(lengths, max(lengths), config.n_embd, generator)
    weights = parameters_of(model)

    def forward(inputs_embeds):
        return model(inputs_embeds=inputs_embeds, attention_mask=mask).last_hidden_state

    expected = expected_values(model, forward, {"inputs_embeds": inputs_embeds}, cotangent, mask)
    keys = ["n_embd", "n_head", "n_layer", "n_positions", "activation_function", "layer_norm_epsilon"]
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    write_fixture("gpt2", case, described(model, keys), weights, inputs, expected)


for seed, case in enumerate(CASES, start=1):
    make(case, seed)
