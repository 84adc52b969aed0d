"""Transformers4Rec 23.12 on the hours of G1 news: XLNet-MLM with the setting of its paper, trained on each hour, tested on the next.

Reads what `ensuite data g1` wrote. Prints one JSON line about the run, then one for each hour:
{"hour":2,"sessions":…,"ndcg":…,"hr":…,"trainSeconds":…,"testSeconds":…}. An hour's line has the figures of testing on it, with what was
learnt from the hours before it. The parts and their order are those of its own experiment (examples/t4rec_paper_experiments).
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

warnings.filterwarnings("ignore")

import merlin_standard_lib  # noqa: E402
import transformers  # noqa: E402
import transformers4rec  # noqa: E402
import transformers4rec.torch as t4r  # noqa: E402
from transformers4rec.config.trainer import T4RecTrainingArguments  # noqa: E402

# Copying one fails on Python 3.11, which does not copy what betterproto keeps beside the fields.
merlin_standard_lib.Schema.__deepcopy__ = lambda self, memo: type(self)().parse(bytes(self))

ITEM = "item_id"
LENGTH = 20
SCHEMA = """feature {
  name: "item_id"
  value_count { min: 2 max: %d }
  type: INT
  int_domain { name: "item_id" min: 1 max: %d is_categorical: true }
  annotation { tag: "item_id" tag: "item" tag: "categorical" tag: "list" }
}
"""


def coded_hours(folder, hours, half, into):
    """Writes the sessions of the first hours as lists of codes, for its data loader; gives how many items all hours have."""
    paths = sorted(Path(folder, "sessions_by_hour").iterdir(), key=lambda path: int(path.name))
    read = lambda path, part: pd.read_parquet(path / f"{part}.parquet", columns=["item"])["item"]
    items = pd.concat([read(path, "train").explode().drop_duplicates() for path in paths]).drop_duplicates()
    codes = pd.Series(np.arange(1, len(items) + 1), index=items.to_numpy())
    for at, path in enumerate(paths[:hours], 1):
        out = Path(into, str(at))
        out.mkdir()
        for part, name in (("train", "train"), (half, "test")):
            lists = read(path, part).map(lambda session: codes[session[-LENGTH:]].to_numpy())
            pd.DataFrame({ITEM: lists}).to_parquet(out / f"{name}.parquet")
    return len(items)


def build(schema, options):
    """XLNet-MLM of the paper's Appendix C on G1, item ids alone."""
    inputs = t4r.TabularSequenceFeatures.from_schema(
        schema,
        max_sequence_length=LENGTH,
        aggregation="concat",
        d_output=options.width,
        pre=[t4r.StochasticSwapNoise(pad_token=0, replacement_prob=0.08, schema=schema)],
        post=["layer-norm"],
        embedding_dims={ITEM: options.item_width},
        embeddings_initializers={ITEM: partial(torch.nn.init.normal_, mean=0.0, std=0.15)},
        masking="mlm",
        mlm_probability=0.3,
    )
    task = t4r.NextItemPredictionTask(
        weight_tying=True,
        metrics=[
            t4r.ranking_metric.NDCGAt(top_ks=[20], labels_onehot=True),
            t4r.ranking_metric.RecallAt(top_ks=[20], labels_onehot=True),
        ],
        loss=t4r.LabelSmoothCrossEntropyLoss(reduction="mean", smoothing=0.3),
    )
    config = t4r.XLNetConfig.build(
        d_model=options.width,
        n_head=options.heads,
        n_layer=options.layers,
        total_seq_length=LENGTH,
        hidden_act="gelu",
        initializer_range=0.01,
        layer_norm_eps=1e-12,
        dropout=0.0,
        pad_token=0,
        attn_type="bi",
    )
    return config.to_torch_model(inputs, task)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="what `ensuite data g1` wrote")
    parser.add_argument("--hours", type=int, default=12, help="the first so many; the last is only tested on")
    parser.add_argument("--half", choices=["valid", "test"], default="test")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1.43e-4)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--item-width", type=int, default=384)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    transformers.set_seed(options.seed)
    transformers.utils.logging.set_verbosity_error()
    out = sys.stdout
    say = lambda line: print(json.dumps(line), file=out, flush=True)

    # What it prints itself goes to standard error.
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(sys.stderr):
        items = coded_hours(options.folder, options.hours, options.half, scratch)
        Path(scratch, "schema.pbtxt").write_text(SCHEMA % (LENGTH, items))
        schema = merlin_standard_lib.Schema().from_proto_text(str(Path(scratch, "schema.pbtxt")))
        model = build(schema, options)
        say(
            {
                "transformers4rec": transformers4rec.__version__,
                "torch": torch.__version__,
                "items": items,
                "parameters": sum(each.numel() for each in model.parameters()),
                **vars(options),
            }
        )
        trainer = t4r.Trainer(
            model=model,
            args=T4RecTrainingArguments(
                output_dir=str(Path(scratch, "out")),
                max_sequence_length=LENGTH,
                data_loader_engine="merlin",
                num_train_epochs=options.epochs,
                per_device_train_batch_size=options.batch,
                per_device_eval_batch_size=512,
                learning_rate=options.rate,
                weight_decay=8.09e-5,
                lr_scheduler_type="linear",
                dataloader_drop_last=False,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
                no_cuda=True,
                seed=options.seed,
            ),
            schema=schema,
            compute_metrics=True,
        )
        for hour in range(1, options.hours):
            trainer.train_dataset_or_path = str(Path(scratch, str(hour), "train.parquet"))
            trainer.reset_lr_scheduler()
            started = time.perf_counter()
            trainer.train()
            trained = time.perf_counter()
            tested = str(Path(scratch, str(hour + 1), "test.parquet"))
            trainer.eval_dataset_or_path = tested
            figures = trainer.evaluate(metric_key_prefix="eval")
            named = {key.split("/")[-1]: value for key, value in figures.items()}
            say(
                {
                    "hour": hour + 1,
                    "sessions": len(pd.read_parquet(tested)),
                    "ndcg": round(float(named["ndcg_at_20"]), 5),
                    "hr": round(float(named["recall_at_20"]), 5),
                    "trainSeconds": round(trained - started, 2),
                    "testSeconds": round(time.perf_counter() - trained, 2),
                    "updates": trainer.state.global_step,
                }
            )


if __name__ == "__main__":
    main()
