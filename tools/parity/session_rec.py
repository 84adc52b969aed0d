"""What session-rec's methods score on a random log: test/fixtures/parity/baselines/scores.json.

    python tools/parity/session_rec.py <checkout of github.com/rn5l/session-rec>

Needs numpy and pandas. Sessions end at different times, and like sessions are cut off only where age tells them apart: session-rec takes equal ones in the order of a Python set.
"""
import json
import random
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd

# It measures its own memory with a package that no score depends on, and calls what numpy has renamed.
sys.modules["pympler"] = types.SimpleNamespace(asizeof=None)
if not hasattr(np, "in1d"):
    np.in1d = np.isin
sys.path.insert(0, sys.argv[1])
from algorithms.baselines.sr import SequentialRules  # noqa: E402
from algorithms.knn.iknn import ItemKNN  # noqa: E402
from algorithms.knn.stan import STAN  # noqa: E402
from algorithms.knn.vsknn import VMContextKNN  # noqa: E402
from algorithms.knn.vstan import VSKNN_STAN  # noqa: E402

ITEMS, SESSIONS, PREFIXES, DAY = 12, 60, 15, 86_400
OUT = Path(__file__).parents[2] / "test/fixtures/parity/baselines/scores.json"

draw = random.Random(1)
item = lambda: min(draw.randint(2, ITEMS + 1), draw.randint(2, ITEMS + 1))  # some more often than others
log = [[item() for _ in range(draw.randint(1, 8))] for _ in range(SESSIONS)]
log[0] += list(range(2, ITEMS + 2))  # every item is known
# Not in the order of the log.
ends = draw.sample(range(1_700_000_000, 1_700_000_000 + 20 * DAY, 1000), SESSIONS)
times = [[end - 10 * (len(items) - 1 - at) for at in range(len(items))] for items, end in zip(log, ends)]
prefixes = [[item() for _ in range(draw.randint(1, 7))] for _ in range(PREFIXES)]

CASES = [
    ("vsknn", {}, VMContextKNN, dict(k=100)),
    ("vsknn", dict(sampleSize=9, idfWeight=5), VMContextKNN, dict(k=100, sample_size=9, idf_weighting=5)),
    *[
        (
            "vsknn",
            dict(similarity=ours, weighting=w, scoreWeighting=s, remind=remind),
            VMContextKNN,
            dict(k=100, similarity=theirs, weighting=w, weighting_score=s, remind=remind),
        )
        for ours, theirs, w, s, remind in [
            ("share", "vec", "quadratic", "div", True),
            ("share", "vec", "linear", "quadratic", False),
            ("cosine", "cosine", "log", "linear", True),
            ("cosine", "cosine", "same", "log", False),
            ("cosine", "cosine", "quadratic", "same", True),
        ]
    ],
    ("vsknn", dict(pushReminders=True), VMContextKNN, dict(k=100, push_reminders=True)),
    ("stan", dict(neighbours=5), STAN, dict(k=5)),
    ("stan", dict(sampleSize=9, remind=False), STAN, dict(k=500, sample_size=9, remind=False)),
    (
        "stan",
        dict(neighbours=7, positionDecay=0.672, decayDays=100, distanceDecay=0.672),
        STAN,
        dict(k=7, lambda_spw=0.672, lambda_snh=100, lambda_inh=0.672),
    ),
    ("vstan", dict(neighbours=5), VSKNN_STAN, dict(k=5)),
    (
        "vstan",
        dict(
            neighbours=1250, sampleSize=20, remind=False, idfWeight=0,
            positionDecay=2.69, decayDays=80, distanceDecay=1.34, matchDecay=0.336,
        ),
        VSKNN_STAN,
        dict(
            k=1250, sample_size=20, remind=False, lambda_idf=False,
            lambda_spw=2.69, lambda_snh=80, lambda_inh=1.34, lambda_ipw=0.336,
        ),
    ),
    ("item-knn", {}, ItemKNN, {}),
    ("item-knn", dict(shrinkage=0, balance=0.8), ItemKNN, dict(lmbd=0, alpha=0.8)),
    ("decayed-markov", {}, SequentialRules, dict(pruning=0)),
    ("decayed-markov", dict(steps=3, weighting="quadratic"), SequentialRules, dict(steps=3, weighting="quadratic", pruning=0)),
]

frame = pd.DataFrame(
    [(session, i, t) for session in range(SESSIONS) for i, t in zip(log[session], times[session])],
    columns=["SessionId", "ItemId", "Time"],
)
everything = np.arange(2, ITEMS + 2)
now = max(ends) + DAY


def scores(make, options, number, prefix):
    """Scores after a prefix, which is told event by event, over their greatest."""
    model = make(**options)
    model.fit(frame.copy())
    for event in prefix:
        series = model.predict_next(SESSIONS + number, event, everything, timestamp=now)
    # Where nothing is scored it divides by 0 itself.
    values = np.nan_to_num(series.to_numpy())
    return [float(value) for value in values / max(values.max(), 1e-300)]


OUT.parent.mkdir(parents=True, exist_ok=True)
cases = [
    dict(kind=kind, options=ours, scores=[scores(make, theirs, at, prefix) for at, prefix in enumerate(prefixes)])
    for kind, ours, make, theirs in CASES
]
made_with = dict(session_rec=sys.argv[2] if len(sys.argv) > 2 else "unknown", numpy=np.__version__, pandas=pd.__version__)
OUT.write_text(
    json.dumps(dict(made_with=made_with, items=ITEMS, log=log, times=times, prefixes=prefixes, cases=cases)) + "\n"
)
