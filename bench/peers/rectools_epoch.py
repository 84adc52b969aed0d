"""Seconds an epoch of RecTools' SASRec takes on MovieLens 1M: full softmax, width 64, two blocks, 200 events.

Prints one JSON line about the run, then one for each epoch. Only Lightning's epoch is timed: reading the file, ordering
the sessions and building the model are left out; collating the batches is part of training in RecTools, so it is in.
"""

import argparse
import gzip
import json
import logging
import time
import warnings

import pandas as pd
import pytorch_lightning
import rectools
import torch
from pytorch_lightning import Callback, Trainer
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel


class EpochClock(Callback):
    """Prints what each training epoch took."""

    def on_train_epoch_start(self, trainer, module):
        self.batches = 0
        self.start = time.perf_counter()

    def on_train_batch_end(self, trainer, module, outputs, batch, index):
        self.batches += 1
        self.loss = float(outputs["loss"])

    def on_train_epoch_end(self, trainer, module):
        seconds = time.perf_counter() - self.start
        line = {
            "epoch": trainer.current_epoch + 1,
            "seconds": round(seconds, 3),
            "batches": self.batches,
            "msPerBatch": round(1000 * seconds / self.batches, 2),
            "lastLoss": round(self.loss, 5),
        }
        print(json.dumps(line), flush=True)


def read_interactions(path):
    """The "user item" lines of SASRec's ml-1m.txt, in time order, as RecTools' interactions."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        table = pd.read_csv(file, sep=" ", header=None, names=[Columns.User, Columns.Item])
    table[Columns.Weight] = 1.0
    # The file has no times, only an order: one second an event keeps it.
    table[Columns.Datetime] = pd.Timestamp("2000-01-01") + pd.to_timedelta(table.index, unit="s")
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help='SASRec\'s ml-1m.txt, "user item" lines in time order; may be gzipped')
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--time", type=int, default=200, help="events a session is cut to")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--batches", type=int, help="stop each epoch after so many batches (a smoke test)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    # They say that nothing is logged and that batches are made in this process: both are meant.
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(options.threads)
    pytorch_lightning.seed_everything(options.seed)

    def trainer():
        return Trainer(
            accelerator="cpu",
            devices=1,
            max_epochs=options.epochs,
            limit_train_batches=options.batches or 1.0,
            callbacks=[EpochClock()],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            logger=False,
        )

    interactions = read_interactions(options.path)
    about = {
        "rectools": rectools.__version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "users": int(interactions[Columns.User].nunique()),
        "items": int(interactions[Columns.Item].nunique()),
        "events": len(interactions),
        "smokeTest": options.batches is not None,
    }
    print(json.dumps(about), flush=True)
    # What is not named here is RecTools' default: dropout 0.2, ReLU, Adam at 1e-3, no key padding mask.
    model = SASRecModel(
        n_factors=options.width,
        n_blocks=options.layers,
        n_heads=options.heads,
        session_max_len=options.time,
        batch_size=options.batch,
        loss="softmax",
        get_trainer_func=trainer,
    )
    model.fit(Dataset.construct(interactions))


if __name__ == "__main__":
    main()
