"""Seconds and memory that it takes NVTabular, on the CPU, to turn a log of clicks into sessions: the job of bench/README.md.

Written as the examples of Transformers4Rec are: repeats and the time an item was first seen by hand, the rest as a
workflow. Prints one JSON line. A million clicks take about three minutes.
"""

import logging
import pathlib
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import dask.dataframe as dd
import numpy as np
import nvtabular as nvt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from dask import delayed
from nvtabular import ops

from prepared_sessions import Clock, figures, parse_job, peak_megabytes, print_line, ties

DAY = 86_400_000


def read(path):
    events = pd.read_csv(path, engine="pyarrow")
    events["timestamp"] = pd.to_datetime(events["timestamp"]).astype("int64") // 1_000_000
    return events


def by_hand(events):
    """What the examples do before the workflow: the order, repeats, and when an item was first seen."""
    events["row"] = np.arange(len(events))
    events = events.sort_values(["session_id", "timestamp", "row"])
    same_session = events["session_id"] == events["session_id"].shift(1)
    events["repeat"] = same_session & (events["item_id"] == events["item_id"].shift(1))
    first = events.groupby("item_id").agg({"timestamp": "min"}).reset_index()
    first = first.rename(columns={"timestamp": "item_first_seen"})
    return events.merge(first, on=["item_id"], how="left")


def in_parts(events, count):
    """A data set of events that are in the order of sessions, cut between sessions: Groupby looks at one part at a time.

    `fit` takes the first part through the whole workflow to learn types, so one part alone takes twice as long. After
    `shuffle_by_keys`, which would cut so, Categorify fails on the CPU: it expects rows to be counted from 0.
    """
    session = events["session_id"].to_numpy()
    cuts = np.searchsorted(session, session[np.linspace(0, len(session), count, endpoint=False).astype(int)])
    cuts = [*np.unique(cuts), len(session)]
    parts = [events.iloc[start:end].reset_index(drop=True) for start, end in zip(cuts, cuts[1:])]
    return nvt.Dataset(dd.from_delayed([delayed(part) for part in parts], meta=events.iloc[:0]), cpu=True)


def workflow(first_day, vocabularies):
    codes = ["item_id", "category"] >> ops.Categorify(
        freq_threshold={"item_id": 5, "category": 1}, out_path=vocabularies
    )
    recency = (
        ["timestamp"]
        >> ops.LambdaOp(
            lambda column, events: (column - events["item_first_seen"]).clip(lower=0) / DAY,
            dependency=["item_first_seen"],
            dtype=np.float64,
        )
        >> ops.LogOp()
        >> ops.Rename(name="recency_days_log")
    )
    price = ["price"] >> ops.LogOp() >> ops.Normalize(out_dtype=np.float32) >> ops.Rename(name="price_log")
    weekday = (
        ["timestamp"]
        >> ops.LambdaOp(
            lambda column: pd.to_datetime(column, unit="ms").dt.weekday.astype("int8"), dtype=np.int8
        )
        >> ops.Rename(name="weekday")
    )
    events = ["session_id", "timestamp", "row"] + codes + recency + price + weekday
    lists = ["item_id", "category", "timestamp", "weekday", "recency_days_log", "price_log"]
    sessions = events >> ops.Groupby(
        groupby_cols=["session_id"],
        sort_cols=["timestamp", "row"],
        aggs={name: ["list"] for name in lists}
        | {"item_id": ["list", "count"], "timestamp": ["list", "first"]},
        name_sep="-",
    )
    latest = sessions[tuple(f"{name}-list" for name in lists)] >> ops.ListSlice(-20)
    day = (
        sessions["timestamp-first"]
        >> ops.LambdaOp(lambda column: column // DAY - first_day + 1, dtype=np.int64)
        >> ops.Rename(name="day")
    )
    prepared = sessions["session_id", "item_id-count"] + latest + day
    return nvt.Workflow(prepared >> ops.Filter(lambda rows: rows["item_id-count"] >= 2))


def split_by_day(written, folder):
    """In 23.8, `to_parquet(partition_on=...)` and Transformers4Rec's `save_time_based_splits` both fail on the CPU."""
    table = pq.read_table(sorted(written.glob("*.parquet")))
    table = table.rename_columns([name.removesuffix("-list") for name in table.column_names])
    days = pc.unique(table["day"]).to_pylist()
    for day in days:
        (folder / str(day)).mkdir(parents=True)
        pq.write_table(table.filter(pc.equal(table["day"], day)), folder / str(day) / "all.parquet")
    return [folder / str(day) / "all.parquet" for day in days]


def main():
    options = parse_job(
        __doc__,
        lambda parser: parser.add_argument(
            "--parts", type=int, default=10, help="that the events are cut into, between sessions"
        ),
    )
    folder = options.out / "sessions_by_day"
    clock = Clock()

    with tempfile.TemporaryDirectory() as scratch:
        events = read(options.clicks)
        clicks, first_day = len(events), int(events["timestamp"].min() // DAY)
        clock.done("read")
        events = by_hand(events)
        kept = events[~events["repeat"]].reset_index(drop=True)
        clock.done("arrange")
        prepare = workflow(first_day, scratch)
        # Repeats are dropped out here: behind a Filter, Groupby takes the sessions of all events (NVTabular issue 1886).
        dataset = in_parts(kept, options.parts)
        prepare.fit(dataset if options.fit == "kept" else in_parts(events, options.parts))
        clock.done("fit")
        written = pathlib.Path(scratch) / "processed_nvt"
        prepare.transform(dataset).to_parquet(str(written))
        clock.done("transform")
        files = split_by_day(written, folder)
        clock.done("splitByDay")
        # Reading back is not part of the job.
        peak = peak_megabytes()
        counts = {
            name: pd.read_parquet(f"{scratch}/categories/unique.{name}.parquet")[f"{name}_size"].to_numpy()
            for name in ("item_id", "category")
        }
    made = figures(files, our_codes(counts["item_id"]), our_codes(counts["category"]))
    # NVTabular leaves the order of equal counts open, and its codes are others.
    made["checksum"] = None
    print_line(
        "NVTabular",
        clock,
        options,
        peak,
        versions={"nvtabular": nvt.__version__, "pandas": pd.__version__, "pyarrow": pa.__version__},
        clicks=clicks,
        items=len(counts["item_id"]),
        categories=len(counts["category"]),
        days=len(files),
        **made,
    )


def our_codes(counts):
    """For NVTabular's codes ours, those of equally frequent values made one: missing and unknown are both 1, values from 2."""
    return np.r_[0, 1, ties(counts, 2)[1:]]


if __name__ == "__main__":
    main()
