"""Seconds and memory that it takes NumPy and Arrow to turn a log of clicks into sessions: the job of bench/README.md.

The variant of an expert, beside pandas_prepare.py: a data frame holds the columns, and NumPy and Arrow do the work,
whole columns at a time. Nothing is called per session or per event. Prints one JSON line.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from prepared_sessions import Clock, figures, parse_job, peak_megabytes, print_line, ties

UNKNOWN, FIRST = 1, 2  # 0 is padding
DAY = 86_400_000


def read(path):
    types = {
        "session_id": pa.int64(),
        "timestamp": pa.timestamp("ms", tz="UTC"),
        "item_id": pa.int64(),
        "category": pa.int16(),
        "price": pa.float64(),
    }
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types, null_values=[""]))
    # Milliseconds stay whole numbers: pandas would make nanoseconds of them.
    milliseconds = table["timestamp"].cast(pa.int64())
    table = table.set_column(table.column_names.index("timestamp"), "timestamp", milliseconds)
    events = table.to_pandas(split_blocks=True, self_destruct=True)
    # Values in ascending order; -1 is missing.
    return events.astype({"item_id": "category", "category": "category"})


def vocabulary(column, min_count):
    """The code of each category of a column, then that of a missing one (category -1), and the counts, falling."""
    codes = column.cat.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=len(column.cat.categories))
    order = np.argsort(-counts, kind="stable")  # equal counts stay in the order of their values
    order = order[counts[order] >= min_count]
    code = np.full(len(counts) + 1, UNKNOWN, dtype=np.int32)
    code[order] = np.arange(FIRST, FIRST + len(order))
    return code, counts[order]


def fit(events):
    item, item_counts = vocabulary(events["item_id"], min_count=5)
    category, category_counts = vocabulary(events["category"], min_count=1)
    first_seen = events.groupby("item_id", observed=False)["timestamp"].min().to_numpy()
    price_log = np.log1p(events["price"].to_numpy()).astype(np.float32)
    moments = price_log.mean(dtype=np.float64), price_log.std(dtype=np.float64, ddof=1)
    return {
        "item": item,
        "item_counts": item_counts,
        "category": category,
        "category_counts": category_counts,
        "first_seen": first_seen,
        "price_moments": moments,
        "first_day": events["timestamp"].min() // DAY,
    }


def arrange(events):
    """By session, time and order of the file; an item right after itself is left out."""
    # sort_values makes categories of both columns first: 12 s for 10 million events, this and take 3 to 5 s.
    order = np.lexsort((events["timestamp"].to_numpy(), events["session_id"].to_numpy()))
    session, item = events["session_id"].to_numpy()[order], events["item_id"].cat.codes.to_numpy()[order]
    fresh = np.r_[True, (session[1:] != session[:-1]) | (item[1:] != item[:-1])][: len(order)]
    return events.take(order[fresh])


def features(events, fitted):
    item, when = events["item_id"].cat.codes.to_numpy(), events["timestamp"].to_numpy()
    days = np.maximum(when - fitted["first_seen"][item], 0) / DAY
    mean, deviation = fitted["price_moments"]
    price_log = np.log1p(events["price"].to_numpy()).astype(np.float32)
    columns = {
        "session_id": events["session_id"].to_numpy(),
        "item_id": fitted["item"][item],
        "category": fitted["category"][events["category"].cat.codes.to_numpy()],
        "timestamp": when,
        "weekday": ((when // DAY + 3) % 7).astype(np.int8),
        "recency_days_log": np.log1p(days).astype(np.float32),
        # Without the cast, NumPy 1 rounds the mean to 32 bits.
        "price_log": ((price_log.astype(np.float64) - mean) / (deviation or 1)).astype(np.float32),
    }
    return pd.DataFrame(columns, copy=False)


def group(events, first_day, *, longest, shortest):
    """A row for each session, in the order of day and session: [sessions]. Events are in the order that `arrange` gave."""
    session = events["session_id"].to_numpy()
    starts = np.flatnonzero(np.r_[True, session[1:] != session[:-1]][: len(session)])
    lengths = np.diff(starts, append=len(session))
    day = (events["timestamp"].to_numpy()[starts] // DAY - first_day + 1).astype(np.int32)
    # The last events of each session that is long enough.
    place = np.arange(len(session)) - np.repeat(starts, lengths)
    kept = (place >= np.repeat(lengths - longest, lengths)) & np.repeat(lengths >= shortest, lengths)
    whole = lengths >= shortest
    offsets = pa.array(np.r_[0, np.cumsum(np.minimum(lengths[whole], longest))].astype(np.int32))
    lists = {
        name: pa.ListArray.from_arrays(offsets, pa.array(values.to_numpy()[kept]))
        for name, values in events.items()
        if name != "session_id"
    }
    table = pa.table({"session_id": session[starts][whole], "day": day[whole], **lists})
    return table.take(pa.array(np.argsort(day[whole], kind="stable")))


def write(table, out, threads):
    """One file for each day, with the sessions that begin on it."""
    day = table["day"].to_numpy()
    starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]][: len(day)])
    ends = np.r_[starts[1:], len(day)]

    def write_day(start, end):
        folder = out / "sessions_by_day" / str(day[start])
        folder.mkdir(parents=True)
        pq.write_table(table.slice(start, end - start), folder / "all.parquet")
        return folder / "all.parquet"

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(write_day, starts, ends))


def main():
    options = parse_job(__doc__)
    clock = Clock()

    events = read(options.clicks)
    clicks = len(events)
    clock.done("read")
    if options.fit == "file":
        fitted = fit(events)
        clock.done("fit")
    events = arrange(events)
    clock.done("arrange")
    if options.fit == "kept":
        fitted = fit(events)
        clock.done("fit")
    events = features(events, fitted)
    clock.done("features")
    table = group(events, fitted["first_day"], longest=20, shortest=2)
    del events
    clock.done("group")
    files = write(table, options.out, pa.cpu_count())
    clock.done("write")
    # Reading back is not part of the job.
    peak = peak_megabytes()
    del table
    item_counts, category_counts = fitted["item_counts"], fitted["category_counts"]
    print_line(
        "numpy",
        clock,
        options,
        peak,
        versions={"numpy": np.__version__, "pandas": pd.__version__, "pyarrow": pa.__version__},
        clicks=clicks,
        items=len(item_counts),
        categories=len(category_counts),
        days=len(files),
        **figures(files, ties(item_counts, FIRST), ties(category_counts, FIRST)),
    )


if __name__ == "__main__":
    main()
