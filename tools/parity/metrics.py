"""What RecTools, ranx and scikit-learn measure on random data with ties: test/fixtures/parity/metrics/*.json.

    python tools/parity/metrics.py

Ties: a tied target has the mean of the places that it shares. No reference knows of such places. So the fixture has
- `lists`: scores without ties, ranked by RecTools (nDCG, recall, hit rate, precision, MAP, MRR) and by ranx;
- `ties`: scores with ties. The rank is scipy's `rankdata(-scores, method='average')`, which is also the mean place of the target over all orders of the tied items. `fractional` has what
  RecTools makes of these ranks, fed to it as they are; `permuted` the mean of its hit rate over all orders, which must be the same wherever the cutoff splits no tied group;
- lists beyond accuracy: RecTools' coverage, ARP, novelty (mean inverse user frequency), intra-list diversity with Hamming distances, serendipity. RecTools places items by popularity
  densely (two items of as many events take one place together, and the next item the next place): no two items of the fixture have as many events, so that this changes nothing;
- the Gini index as scikit-learn's area under the Lorenz curve, diversity by cosine as scipy's mean of `pdist`.
"""
import itertools
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import ranx
from rectools import Columns
from rectools.metrics import (
    MAP,
    MRR,
    NDCG,
    AvgRecPopularity,
    CatalogCoverage,
    HitRate,
    IntraListDiversity,
    MeanInvUserFreq,
    PairwiseHammingDistanceCalculator,
    Precision,
    Recall,
    Serendipity,
)
from scipy.spatial.distance import pdist
from scipy.stats import rankdata
from sklearn.metrics import auc, average_precision_score, log_loss, mean_absolute_error, mean_squared_error, roc_auc_score

OUT = Path(__file__).parents[2] / "test/fixtures/parity/metrics"
ITEMS, SESSIONS, WIDTH, KS = 30, 40, 5, [1, 3, 10]
draw = np.random.default_rng(7)
made_with = {name: version(name) for name in ("rectools", "ranx", "scipy", "scikit-learn", "numpy", "pandas")}


def write(name, content):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps({"made_with": made_with, **content}) + "\n")


def table(lists):
    rows = [(user, item, place + 1) for user, items in enumerate(lists) for place, item in enumerate(items)]
    return pd.DataFrame(rows, columns=[Columns.User, Columns.Item, Columns.Rank])


# --- lists -----------------------------------------------------------------------------------------------------------
# Training: item i has i + 1 events or more, no two as many, the last two none. Sessions may hold an item twice.
counts = [2 * item + 1 for item in range(ITEMS - 2)] + [0, 0]
counts = [counts[at] for at in draw.permutation(ITEMS - 2)] + counts[-2:]
events = np.repeat(np.arange(ITEMS), counts)
draw.shuffle(events)
training = [[int(item) for item in part] for part in np.array_split(events, 90)]
histories = [[int(item) for item in draw.choice(ITEMS, draw.integers(1, 6))] for _ in range(SESSIONS)]
# Whole numbers below 2^24, each once in a row: exact in float32, and without ties.
scores = np.array([draw.permutation(1000)[:ITEMS] for _ in range(SESSIONS)])
targets = [int(draw.choice([item for item in range(ITEMS) if item not in set(history)])) for history in histories]
vectors = np.round(draw.normal(size=(ITEMS, WIDTH)), 3)
categories = draw.integers(0, 4, ITEMS)

lists = [
    [int(item) for item in np.argsort(-row) if item not in set(history)][: max(KS)]
    for row, history in zip(scores, histories)
]
# What stands behind the tenth place is no concern of a metric at 10.
reco = table(lists)
interactions = pd.DataFrame({Columns.User: range(SESSIONS), Columns.Item: targets})
rows = [(user, item) for user, items in enumerate(training) for item in items]
previous = pd.DataFrame(rows, columns=[Columns.User, Columns.Item])
catalog = list(range(ITEMS))
features = pd.DataFrame({"category": categories}, index=range(ITEMS))


def per_user(values):
    return [float(value) for value in values.reindex(range(SESSIONS)).fillna(0)]


expected, figures = {}, {}
for k in KS:
    for name, metric in [
        # By the gain that one relevant item can have, not k.
        ("ndcg", NDCG(k=k, divide_by_achievable=True)),
        ("recall", Recall(k=k)),
        ("precision", Precision(k=k)),
        ("map", MAP(k=k)),
        ("mrr", MRR(k=k)),
    ]:
        expected[f"{name}@{k}"] = per_user(metric.calc_per_user(reco, interactions))
    assert expected[f"recall@{k}"] == per_user(HitRate(k=k).calc_per_user(reco, interactions))
    expected[f"popularity@{k}"] = per_user(AvgRecPopularity(k=k).calc_per_user(reco, previous))
    # Users are sessions; RecTools counts a pair of user and item once where it is there once.
    expected[f"novelty@{k}"] = per_user(MeanInvUserFreq(k=k).calc_per_user(reco, previous.drop_duplicates()))
    expected[f"serendipity@{k}"] = per_user(Serendipity(k=k).calc_per_user(reco, interactions, previous, catalog))
    if k > 1:
        distances = PairwiseHammingDistanceCalculator(features)
        expected[f"diversity@{k}"] = per_user(IntraListDiversity(k=k, distance_calculator=distances).calc_per_user(reco))
        expected[f"vector-diversity@{k}"] = [float(np.mean(pdist(vectors[items[:k]], "cosine"))) for items in lists]
    figures[f"coverage@{k}"] = CatalogCoverage(k=k, normalize=True).calc(reco, catalog)
    shown = np.sort(np.bincount([item for items in lists for item in items[:k]], minlength=ITEMS))
    lorenz = np.concatenate([[0], np.cumsum(shown) / shown.sum()])
    figures[f"gini@{k}"] = float(1 - 2 * auc(np.linspace(0, 1, ITEMS + 1), lorenz))
    popularity = np.array(counts)
    gap_before = np.mean([popularity[history].mean() for history in histories])
    figures[f"popularity-lift@{k}"] = float(np.mean(expected[f"popularity@{k}"]) / gap_before - 1)

qrels = ranx.Qrels({f"q{user}": {f"i{target}": 1} for user, target in enumerate(targets)})
run = ranx.Run({f"q{user}": {f"i{item}": 1 / (at + 1) for at, item in enumerate(items)} for user, items in enumerate(lists)})
names = {"ndcg": "ndcg", "recall": "recall", "precision": "precision", "map": "map", "mrr": "mrr"}
by_ranx = ranx.evaluate(qrels, run, [f"{name}@{k}" for name in names for k in KS])
for name, value in by_ranx.items():
    assert abs(value - np.mean(expected[name])) < 1e-12, (name, value, np.mean(expected[name]))

write(
    "lists",
    {
        "items": ITEMS, "ks": KS, "training": training, "histories": histories, "targets": targets,
        "scores": scores.tolist(), "vectors": vectors.tolist(), "categories": categories.tolist(),
        "expected": expected, "figures": figures, "ranx": {name: float(value) for name, value in by_ranx.items()},
    },
)

# --- ties ------------------------------------------------------------------------------------------------------------
cases = []
for _ in range(60):
    row = draw.integers(0, 4, 6)
    target = int(draw.integers(6))
    rank = float(rankdata(-row, method="average")[target])
    orders = list(itertools.permutations(range(6)))
    # Every order of the items, sorted stably by score: each order of the tied ones as often.
    lists_of = {tuple(sorted(order, key=lambda item: -row[item])) for order in orders}
    reco_of = table(sorted(lists_of))
    wanted = pd.DataFrame({Columns.User: range(len(lists_of)), Columns.Item: target})
    permuted = {f"recall@{k}": float(HitRate(k=k).calc(reco_of, wanted)) for k in range(1, 7)}
    place = [items.index(target) + 1 for items in sorted(lists_of)]
    cases.append({
        "scores": row.tolist(), "target": target, "rank": rank, "mean_place": float(np.mean(place)),
        "best": min(place), "worst": max(place), "permuted": permuted,
    })
    assert abs(rank - np.mean(place)) < 1e-12
# RecTools takes any number for a rank: the target alone, at its fractional one. Not for MAP, where it rounds.
at_ranks = pd.DataFrame({Columns.User: range(len(cases)), Columns.Item: 0, Columns.Rank: [case["rank"] for case in cases]})
wanted = at_ranks[[Columns.User, Columns.Item]]
fractional = {}
for k in [1, 2, 4]:
    for name, metric in [
        ("ndcg", NDCG(k=k, divide_by_achievable=True)),
        ("recall", HitRate(k=k)),
        ("precision", Precision(k=k)),
        ("mrr", MRR(k=k)),
    ]:
        values = metric.calc_per_user(at_ranks, wanted).reindex(range(len(cases))).fillna(0)
        fractional[f"{name}@{k}"] = [float(value) for value in values]
write("ties", {"cases": cases, "fractional": fractional})

# --- other heads -----------------------------------------------------------------------------------------------------
size = 200
truth = draw.integers(0, 2, size)
# Few distinct values, so that classes share scores.
guess = np.float32(np.round(np.clip(0.5 * truth * draw.random(size) + 0.5 * draw.random(size), 0.01, 0.99), 1) * 0.9 + 0.05)
numbers, guesses = np.float32(draw.normal(size=size)), np.float32(draw.normal(size=size))
classes = draw.integers(0, 4, size)
logits = np.float32(draw.normal(size=(size, 4)))
as_double = guess.astype(np.float64)
write(
    "heads",
    {
        "binary": {"targets": truth.tolist(), "probabilities": as_double.tolist(), "auc": roc_auc_score(truth, guess),
                   "logLoss": log_loss(truth, as_double)},
        "regression": {"targets": numbers.astype(float).tolist(), "predictions": guesses.astype(float).tolist(),
                       "mae": mean_absolute_error(numbers.astype(float), guesses.astype(float)),
                       "rmse": mean_squared_error(numbers.astype(float), guesses.astype(float)) ** 0.5},
    },
)
