"""Parity fixtures of the LSTM and GRU blocks, from PyTorch's own modules on packed sequences."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from fixture import ADAMW, STEPS, expected_values, parameters_of, random_input, randomise, write_fixture

MODULES = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
# What differs from one case to the next; time is the longest length.
CASES = {
    "mixed-lengths": {"layers": 2, "lengths": [5, 12, 1, 9]},
    "one-layer": {"width": 16, "lengths": [7, 3]},
    "both-ways": {"layers": 2, "bidirectional": True, "lengths": [6, 1, 11]},
    "one-event": {"lengths": [1]},
}


def make(kind, case, seed):
    settings = {"width": 8, "layers": 1, "bidirectional": False, **CASES[case]}
    width, lengths, both = settings["width"], settings.pop("lengths"), settings["bidirectional"]
    generator = torch.Generator().manual_seed(seed)
    hidden = width // 2 if both else width
    model = MODULES[kind](width, hidden, settings["layers"], batch_first=True, bidirectional=both).double()
    randomise(model, generator)
    inputs_embeds, cotangent, mask = random_input(lengths, max(lengths), width, generator)
    weights = parameters_of(model)

    def forward(inputs_embeds):
        packed = pack_padded_sequence(inputs_embeds, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(model(packed)[0], batch_first=True, total_length=max(lengths))[0]

    expected = expected_values(model, forward, {"inputs_embeds": inputs_embeds}, cotangent, mask)
    config = {
        "model": type(model).__name__,
        "made_with": {"torch": torch.__version__.split("+")[0]},
        "config": settings,
        "optimizer": {"name": "AdamW", "steps": STEPS, **ADAMW, "decayed": "parameters with more than one axis"},
    }
    inputs = {
        "inputs_embeds": inputs_embeds,
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "cotangent": cotangent,
    }
    write_fixture(kind, case, config, weights, inputs, expected)


for kind in MODULES:
    for seed, case in enumerate(CASES, start=1):
        make(kind, case, seed)
