"""Whether an artifact gives the same scores in Python's onnxruntime as in the recommender.

    python tools/parity/artifact_in_python.py                # trains small models of several blocks and maskings, and compares each
    python tools/parity/artifact_in_python.py ARTIFACT …     # compares these, on sessions of their own items

Prints the largest difference of each artifact, relative where a value is above 1, and exits with 1 where one is above the tolerance. Needs `npm run build`.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "artifact.md"
TOLERANCE = 1e-5
PADDING = {"tensor(int32)": (np.int32, 0), "tensor(float)": (np.float32, 0.0)}


def node(script, *arguments):
    subprocess.run(["node", str(HERE / script), *map(str, arguments)], check=True)


def feeds(session, rows):
    """Every input of the graph [sessions, time], padded at the end: 0 is the code of padding, and of a missing number, too."""
    time = max(len(row["items"]) for row in rows)
    result = {}
    for each in session.get_inputs():
        dtype, padding = PADDING[each.type]
        values = np.full((len(rows), time), padding, dtype)
        for at, row in enumerate(rows):
            own = [0 if value is None else value for value in row[each.name]]
            values[at, : len(own)] = own
        result[each.name] = values
    return result


def difference(received, expected):
    """The largest one; of what is not known (NaN), such as the unlikeliest of many classes, there is none."""
    if received.shape != expected.shape or not np.isfinite(received).all() or np.isnan(expected).all():
        return np.inf
    return float(np.nanmax(np.abs(received - expected) / np.maximum(1, np.abs(expected))))


def example_of_the_page(artifact, found):
    """The example of docs/artifact.md, run as it stands, names the items that the recommender names."""
    script = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)[1]
    scored = found["sessions"][0]
    events = [event[found["itemColumn"]] for event in scored["events"]]
    command = [sys.executable, "-c", script, str(artifact), *events]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    received = [line.rsplit(" ", 1) for line in printed]
    expected = dict(zip(found["items"], scored["scores"]))
    best = sorted(expected.values(), reverse=True)[: len(received)]
    scores = np.array([float(score) for _, score in received])
    of_items = np.array([expected[item] for item, _ in received])
    return max(difference(scores, of_items), difference(scores, np.array(best)))


def compare(artifact, sessions=None):
    """The largest difference of each output of the graph, all sessions in one batch and the first one alone."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scored.json"
        node("score-artifact.mjs", artifact, out, *([] if sessions is None else [sessions]))
        found = json.loads(out.read_text())
    scored = found["sessions"]
    graph = onnxruntime.InferenceSession(str(artifact / "recommend.onnx"), providers=["CPUExecutionProvider"])
    weights = load_file(artifact / "weights.safetensors")
    if not weights or not all(np.isfinite(values).all() for values in weights.values()):
        raise RuntimeError(f"{artifact}: the weights cannot be used.")
    differences = {}
    for rows in (scored, scored[:1]):
        outputs = [each.name for each in graph.get_outputs()]
        for name, received in zip(outputs, graph.run(outputs, feeds(graph, [row["inputs"] for row in rows]))):
            head = name.removeprefix("head.")
            expected = [row["scores"] if name == "scores" else row["heads"][head] for row in rows]
            off = difference(received, np.array(expected, dtype=np.float64))
            differences[name] = max(differences.get(name, 0), off)
    inputs = {each.name for each in graph.get_inputs()}
    if inputs == {"items"} and "scores" in differences:
        differences["the page's example"] = example_of_the_page(artifact, found)
    return differences


def report(name, differences):
    worst = max(differences.values())
    each = ", ".join(f"{output} {off:.1e}" for output, off in differences.items())
    print(f"{name}: {worst:.1e} ({each}){'' if worst < TOLERANCE else '  TOO LARGE'}", flush=True)
    return worst


def main(paths):
    if paths:
        worst = [report(path, compare(Path(path).resolve())) for path in paths]
    else:
        with tempfile.TemporaryDirectory() as folder:
            node("make-artifacts.mjs", folder)
            cases = sorted(each for each in Path(folder).iterdir() if each.is_dir())
            worst = [report(each.name, compare(each, f"{each}.sessions.json")) for each in cases]
    print(f"largest difference {max(worst):.1e}, at most {TOLERANCE} is allowed")
    return 0 if max(worst) < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
