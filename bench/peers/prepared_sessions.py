"""What the preparing peers share: their arguments, the clock, and the closing line with figures that prove from the written files what was made."""

import argparse
import json
import pathlib
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PRIME = 2_147_483_647


def parse_job(description, add_arguments=lambda parser: None):
    """The arguments of a peer. The folder of sessions must not be there."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("clicks", help="CSV: session_id,timestamp,item_id,category,price")
    parser.add_argument("out", type=pathlib.Path, help="folder for sessions_by_day, which must not be there")
    parser.add_argument("--threads", type=int, help="of reading and writing: pandas itself uses one")
    parser.add_argument(
        "--fit",
        choices=["file", "kept"],
        default="file",
        help="what is counted and averaged: all clicks of the file, or those without repeats",
    )
    add_arguments(parser)
    options = parser.parse_args()
    if (options.out / "sessions_by_day").exists():
        parser.error(f"{options.out / 'sessions_by_day'} is there: remove it, or name another folder")
    if options.threads is not None:
        pa.set_cpu_count(options.threads)
    return options


class Clock:
    """Seconds of each phase, one after the other."""

    def __init__(self):
        self.seconds = {}
        self.last = time.perf_counter()

    def done(self, phase):
        now = time.perf_counter()
        self.seconds[phase] = round(now - self.last, 3)
        self.last = now


def print_line(program, clock, options, peak, **rest):
    """The JSON line of a peer, the last that it prints. Values of `rest` that are None are left out."""
    line = {
        "program": program,
        "threads": pa.cpu_count(),
        "fit": options.fit,
        "seconds": clock.seconds,
        "total": round(sum(clock.seconds.values()), 3),
        "peakMegabytes": peak,
        **{name: value for name, value in rest.items() if value is not None},
    }
    print(json.dumps(line), flush=True)


def peak_megabytes():
    """Most main memory that this process has held so far."""
    try:
        status = pathlib.Path("/proc/self/status").read_text()
        return round(int(status.split("VmHWM:")[1].split()[0]) / 1024)
    except OSError:
        import resource
        import sys

        # Bytes on macOS, kilobytes elsewhere.
        unit = 1024**2 if sys.platform == "darwin" else 1024
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def ties(counts, first):
    """For each code the least code of a value that is as frequent; codes before `first` are themselves.

    `counts` falls. Where values are equally frequent, their order is a choice: with these codes it does not show.
    """
    falling = np.asarray(counts)
    begins = np.r_[True, falling[1:] != falling[:-1]][: len(falling)]
    least = np.maximum.accumulate(np.where(begins, np.arange(len(falling)), 0))
    return np.r_[np.arange(first), least + first]


def figures(files, item_ties, category_ties):
    """Sessions, events, checksums and sums of squares of written sessions, whatever their order; see bench/README.md.

    `item_ties`, `category_ties`: what `ties` gave.
    """
    sessions = events = checksum = tied = 0
    squares = {"recency_days_log": 0.0, "price_log": 0.0}
    for path in files:
        table = pq.ParquetFile(path).read().combine_chunks()
        if table.num_rows == 0:
            continue
        lists = {
            name: table[name].chunk(0) for name in ("item_id", "category", "timestamp", "weekday", *squares)
        }
        lengths = lists["item_id"].value_lengths().to_numpy().astype(np.int64)
        if any((each.value_lengths().to_numpy() != lengths).any() for each in lists.values()):
            raise ValueError(f"{path}: the lists of a session differ in length")
        flat = {name: each.flatten().to_numpy(zero_copy_only=False) for name, each in lists.items()}
        session = np.repeat(table["session_id"].to_numpy().astype(np.int64), lengths)
        days = np.repeat(table["day"].to_numpy().astype(np.int64), lengths)
        starts = np.cumsum(lengths) - lengths
        position = np.arange(len(session)) - np.repeat(starts, lengths)
        when = (flat["timestamp"].astype(np.int64) + session * 31 + days * 977) % 1_000_003
        weekday = flat["weekday"].astype(np.int64)

        def sum_of(item, category):
            what = ((item.astype(np.int64) * 31 + category.astype(np.int64)) * 31 + position) * 7 + weekday
            return int((what * when % PRIME).sum())

        checksum += sum_of(flat["item_id"], flat["category"])
        tied += sum_of(item_ties[flat["item_id"]], category_ties[flat["category"]])
        sessions += table.num_rows
        events += len(session)
        for name in squares:
            squares[name] += float(np.square(flat[name].astype(np.float64)).sum())
    return {
        "sessions": sessions,
        "events": events,
        "checksum": checksum % PRIME,
        "tiedChecksum": tied % PRIME,
        "recencySquares": squares["recency_days_log"],
        "priceSquares": squares["price_log"],
    }

