"""Whether TensorBoard and MLflow read what training wrote for them, value by value.

    python tools/parity/runs_in_python.py            # TensorBoard alone
    python tools/parity/runs_in_python.py SERVER     # MLflow, too: the address of `mlflow server`, on which it makes a run

Trains a small model, ends it inside of an epoch and goes on with it: no point may be missing, and none be there twice. Needs `npm run build`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from google.protobuf import text_format
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.projector import projector_plugin
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

HERE = Path(__file__).resolve().parent


def check_board(board, expected):
    # 0: all of them.
    events = EventAccumulator(str(board), size_guidance={"scalars": 0, "histograms": 0}).Reload()
    tags = events.Tags()

    assert sorted(tags["scalars"]) == sorted(expected["scalars"]), tags["scalars"]
    points = 0
    for tag, values in expected["scalars"].items():
        found = {str(each.step): each.value for each in events.Scalars(tag)}
        assert len(events.Scalars(tag)) == len(values), (tag, "a step is there twice, or missing")
        for step, value in values.items():
            assert found[step] == np.float32(value), (tag, step, found[step], value)
            points += 1

    assert sorted(tags["histograms"]) == sorted(expected["histograms"]), tags["histograms"]
    histograms = 0
    for tag, steps in expected["histograms"].items():
        found = {str(each.step): each.histogram_value for each in events.Histograms(tag)}
        assert set(found) == {"0", *steps}, (tag, sorted(found))
        for step, values in steps.items():
            histogram, values = found[step], np.array(values)
            assert (histogram.min, histogram.max, histogram.num) == (values.min(), values.max(), values.size)
            np.testing.assert_allclose([histogram.sum, histogram.sum_squares], [values.sum(), (values**2).sum()], rtol=1e-9)
            limits = np.array([-np.inf, *histogram.bucket_limit])
            assert (np.diff(limits) > 0).all() and sum(histogram.bucket) == values.size
            # Buckets hold what is below their limits, but for values on a limit up to rounding.
            below = np.array([(values < limit + 1e-12).sum() for limit in limits[1:]])
            assert np.abs(np.cumsum(histogram.bucket) - below).max() <= 1, tag
            histograms += 1

    config = ProjectorConfig()
    text_format.Parse((board / "projector_config.pbtxt").read_text(), config)
    (embedding,) = config.embeddings
    vectors = projector_plugin._read_tensor_tsv_file(str(board / embedding.tensor_path))
    assert list(embedding.tensor_shape) == list(vectors.shape)
    assert (vectors == np.array(expected["items"]["vectors"], dtype="float32")).all()
    assert (board / embedding.metadata_path).read_text().splitlines() == expected["items"]["names"]
    print(f"TensorBoard: {points} points of {len(expected['scalars'])} scalars, {histograms} histograms, {vectors.shape} vectors: all equal")


def check_mlflow(server, expected):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(server)
    experiment = client.get_experiment_by_name("ensuite-parity")
    run = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])[0]
    assert run.info.status == "FINISHED" and run.data.tags["ensuite.status"] == "ended", run.info
    assert run.data.params["block.kind"] == "sasrec" and run.data.params["train.evaluateEvery"] == "2"
    assert len(run.data.metrics) == len(expected["scalars"]), sorted(run.data.metrics)
    points = 0
    for tag, values in expected["scalars"].items():
        history = client.get_metric_history(run.info.run_id, tag.replace("@", "_at_"))
        assert {str(each.step): each.value for each in history} == values, tag
        assert len(history) == len(values), (tag, "a step is there twice")
        points += len(history)
    print(f"MLflow: {points} points of {len(expected['scalars'])} metrics, {len(run.data.params)} parameters: all equal")


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["node", str(HERE / "make-runs.mjs"), folder, *sys.argv[1:2]], check=True)
    wanted = json.loads((Path(folder) / "expected.json").read_text())
    check_board(Path(folder) / "board", wanted)
    if len(sys.argv) > 1:
        check_mlflow(sys.argv[1], wanted)
