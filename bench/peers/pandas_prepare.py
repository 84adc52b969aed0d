"""Seconds and memory that it takes pandas to turn a log of clicks into sessions: the job of bench/README.md.

As a good user of pandas writes it: its own methods on whole columns, the faster of two where both are known. Prints one JSON line.
"""


import numpy as np
import pandas as pd
import pyarrow as pa

from prepared_sessions import Clock, figures, parse_job, peak_megabytes, print_line, ties

UNKNOWN, FIRST = 1, 2  # 0 is padding
DAY = 86_400_000
LISTS = {
    "item_id": pa.int32(),
    "category": pa.int32(),
    "timestamp": pa.int64(),
    "weekday": pa.int8(),
    "recency_days_log": pa.float32(),
    "price_log": pa.float32(),
}


def read(path):
    # Three digits, and none where there is no category: exact in 32 bits.
    types = {"session_id": "int64", "item_id": "int64", "category": "float32", "price": "float64"}
    # Arrow's reader takes all cores, and knows ISO dates by itself.
    return pd.read_csv(path, engine="pyarrow", dtype=types)


def arrange(events):
    """By session, time and order of the file; an item right after itself is left out."""
    # By several columns, sort_values is stable.
    events = events.sort_values(["session_id", "timestamp"])
    # Without a fill_value, shift makes floats of whole numbers.
    other_session = events["session_id"] != events["session_id"].shift(fill_value=-1)
    other_item = events["item_id"] != events["item_id"].shift(fill_value=-1)
    return events[other_session | other_item]


def vocabulary(column, min_count):
    """The code of each value, and the counts, falling."""
    counts = column.value_counts(sort=False)
    counts = counts[counts >= min_count].sort_index().sort_values(ascending=False, kind="stable")
    codes = pd.Series(np.arange(FIRST, FIRST + len(counts), dtype=np.int32), index=counts.index)
    return codes, counts


def fit(events):
    item, item_counts = vocabulary(events["item_id"], min_count=5)
    category, category_counts = vocabulary(events["category"], min_count=1)
    price_log = np.log1p(events["price"]).astype("float32").astype("float64")
    return {
        "item": item,
        "item_counts": item_counts,
        "category": category,
        "category_counts": category_counts,
        # transform("min") takes as long, and knows only the events it is given.
        "first_seen": events.groupby("item_id", sort=False)["timestamp"].agg("min"),
        "price_mean": price_log.mean(),
        "price_deviation": price_log.std(),
    }


def features(events, fitted):
    since = events["timestamp"] - events["item_id"].map(fitted["first_seen"])
    days = since.dt.total_seconds().clip(lower=0) / 86_400
    price_log = np.log1p(events["price"]).astype("float32").astype("float64")
    scaled = (price_log - fitted["price_mean"]) / (fitted["price_deviation"] or 1)
    return pd.DataFrame(
        {
            "session_id": events["session_id"],
            "item_id": events["item_id"].map(fitted["item"]).fillna(UNKNOWN).astype("int32"),
            "category": events["category"].map(fitted["category"]).fillna(UNKNOWN).astype("int32"),
            "timestamp": events["timestamp"].dt.as_unit("ms").astype("int64"),
            "weekday": events["timestamp"].dt.day_of_week.astype("int8"),
            "recency_days_log": np.log1p(days).astype("float32"),
            "price_log": scaled.astype("float32"),
        }
    )


def group(events, first_day, *, longest, shortest):
    """A row for each session: [sessions]. Events are in the order that `arrange` gave."""
    # Before the lists are made: to make them is the dear part, and .str.len() and .str[-20:] go through them one by one.
    sizes = events.groupby("session_id", sort=False)["item_id"].transform("size")
    events = events[sizes >= shortest]
    begins = events.groupby("session_id", sort=False)["timestamp"].first()
    latest = events.groupby("session_id", sort=False).tail(longest)
    # Faster than apply(list), agg(tuple), a lambda with tolist, or column by column.
    sessions = latest.groupby("session_id", sort=False)[list(LISTS)].agg(list)
    sessions.insert(0, "day", (begins // DAY - first_day + 1).astype("int32"))
    return sessions.reset_index()


def write(sessions, out):
    """One file for each day, with the sessions that begin on it."""
    fields = {"session_id": pa.int64(), "day": pa.int32()} | {name: pa.list_(of) for name, of in LISTS.items()}
    files = []
    for day, rows in sessions.groupby("day"):
        folder = out / "sessions_by_day" / str(day)
        folder.mkdir(parents=True)
        files.append(folder / "all.parquet")
        rows.to_parquet(files[-1], engine="pyarrow", index=False, schema=pa.schema(fields))
    return files


def main():
    options = parse_job(__doc__)
    clock = Clock()

    events = read(options.clicks)
    clicks = len(events)
    first_day = int(events["timestamp"].min().timestamp() * 1000 // DAY)
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
    sessions = group(events, first_day, longest=20, shortest=2)
    clock.done("group")
    files = write(sessions, options.out)
    clock.done("write")
    # Reading back is not part of the job.
    peak = peak_megabytes()
    del events, sessions
    item_counts, category_counts = fitted["item_counts"], fitted["category_counts"]
    print_line(
        "pandas",
        clock,
        options,
        peak,
        versions={"pandas": pd.__version__, "pyarrow": pa.__version__},
        clicks=clicks,
        items=len(item_counts),
        categories=len(category_counts),
        days=len(files),
        **figures(files, ties(item_counts, FIRST), ties(category_counts, FIRST)),
    )


if __name__ == "__main__":
    main()
