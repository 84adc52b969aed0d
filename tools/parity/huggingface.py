"""Checkpoint folders as `save_pretrained` of Hugging Face writes them, each with what its model computes.

    python tools/parity/huggingface.py

makes `test/fixtures/huggingface/<case>/`: the folder itself, and in `expected.safetensors` `inputs_embeds` [batch, time, width], `lengths` [batch] (int32)
and the `hidden` states of the model without a head, zero at padding. Everything is seeded.
"""

import json
import shutil
from pathlib import Path
from unittest.mock import patch

import torch
import transformers
from safetensors.torch import save_file

from fixture import random_input, randomise

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "huggingface"
LENGTHS = [5, 8, 1]
ENCODER = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 32}
# A model with a head, its settings; what is left out has the type's default. `dtype` of the file, `shards`: the largest file.
CASES = {
    "gpt2": ("GPT2LMHeadModel", {"n_embd": 16, "n_head": 2, "n_layer": 2, "n_positions": 12, "bos_token_id": 0, "eos_token_id": 0}),
    "bert": ("BertForPreTraining", {**ENCODER, "max_position_embeddings": 12}),
    "roberta": ("RobertaForMaskedLM", {**ENCODER, "max_position_embeddings": 14, "type_vocab_size": 1, "layer_norm_eps": 1e-5}),
    "electra": ("ElectraForPreTraining", {**ENCODER, "embedding_size": 8, "max_position_embeddings": 12}),
    "albert": ("AlbertForPreTraining", {**ENCODER, "embedding_size": 8, "max_position_embeddings": 12}),
    "distilbert": ("DistilBertForMaskedLM", {"dim": 16, "n_heads": 2, "n_layers": 2, "hidden_dim": 64, "max_position_embeddings": 12}),
    "xlnet": ("XLNetLMHeadModel", {"d_model": 16, "n_head": 2, "n_layer": 2, "d_inner": 32}),
    "gpt2-float16": ("GPT2Model", {"n_embd": 16, "n_head": 2, "n_layer": 1, "n_positions": 12, "activation_function": "gelu", "dtype": "float16"}),
    "bert-bfloat16": ("BertModel", {**ENCODER, "num_hidden_layers": 1, "max_position_embeddings": 12, "hidden_act": "relu", "dtype": "bfloat16"}),
    "bert-float64": ("BertForMaskedLM", {**ENCODER, "num_hidden_layers": 1, "max_position_embeddings": 12, "dtype": "float64"}),
    "bert-sharded": ("BertForSequenceClassification", {**ENCODER, "max_position_embeddings": 12, "shards": "8KB"}),
    "transfo-xl": ("TransfoXLLMHeadModel", {"d_model": 16, "d_embed": 16, "n_head": 2, "d_head": 8, "n_layer": 2, "d_inner": 32, "mem_len": 0, "clamp_len": -1, "same_length": False, "cutoffs": [], "div_val": 1, "adaptive": False, "eos_token_id": 0}),
    "longformer": ("LongformerForMaskedLM", {**ENCODER, "attention_window": [4, 4], "max_position_embeddings": 14, "pad_token_id": 1}),
    "llama": ("LlamaForCausalLM", {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 40}),
}  # fmt: skip


def computed(model, inputs_embeds, mask):
    """The hidden states of the model without a head, in double precision."""
    if model.config.model_type == "transfo-xl":
        # What comes later is hidden, and so is padding, which comes last. Hugging Face masks scores in float32, whatever the model's dtype.
        with patch.object(torch.Tensor, "float", torch.Tensor.double):
            return model(inputs_embeds=inputs_embeds).last_hidden_state
    if model.config.model_type == "longformer":
        first = torch.zeros_like(mask)
        first[:, 0] = 1
        return model(inputs_embeds=inputs_embeds, attention_mask=mask, global_attention_mask=first).last_hidden_state
    if model.config.model_type != "distilbert":
        return model(inputs_embeds=inputs_embeds, attention_mask=mask).last_hidden_state
    # Its forward pass leaves out positions and norm where vectors are given.
    positions = torch.arange(inputs_embeds.shape[1])
    embedded = model.embeddings.LayerNorm(inputs_embeds + model.embeddings.position_embeddings(positions)[None])
    return model.transformer(x=embedded, attn_mask=mask, head_mask=[None] * model.config.n_layers)[0]


def make(case, seed):
    name, settings = CASES[case]
    settings = {"vocab_size": 7, **settings}
    dtype, shards = settings.pop("dtype", "float32"), settings.pop("shards", "1GB")
    model_class = getattr(transformers, name)
    generator = torch.Generator().manual_seed(seed)
    model = model_class(model_class.config_class(**settings)).double().eval()
    randomise(model, generator)
    # The values that the file holds are those that are computed with.
    model.to(getattr(torch, dtype))
    folder = FIXTURES / case
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, safe_serialization=True, max_shard_size=shards)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model.double()
    if model.config.model_type == "xlnet":
        # Hugging Face makes the sinusoids in float32, whatever the model's dtype.
        sinusoids = model.transformer.relative_positional_encoding
        model.transformer.relative_positional_encoding = lambda *sizes, **more: sinusoids(*sizes, **more).double()
    width = getattr(model.config, "embedding_size", model.config.hidden_size)
    inputs_embeds, _, mask = random_input(LENGTHS, max(LENGTHS), width, generator)
    with torch.no_grad():
        hidden = computed(model.base_model, inputs_embeds, mask) * mask[:, :, None]
    expected = {"inputs_embeds": inputs_embeds.float(), "lengths": torch.tensor(LENGTHS, dtype=torch.int32), "hidden": hidden.float()}
    save_file({key: value.contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    size = sum(file.stat().st_size for file in folder.iterdir())
    version = json.loads((folder / "config.json").read_text())["transformers_version"]
    print(f"{case}: {size / 1000:.0f} kB in {len(list(folder.iterdir()))} files, transformers {version}")


for seed, case in enumerate(CASES, start=1):
    make(case, seed)
