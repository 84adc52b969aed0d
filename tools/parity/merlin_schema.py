"""Merlin's own reading and writing of schema files, to compare ours with.

    merlin_schema.py read FOLDER                  what merlin-core reads from .merlin/schema.json and schema.pbtxt, as JSON
    merlin_schema.py write FOLDER < columns.json  writes both files of the columns that are given as JSON
    merlin_schema.py fixture                      makes test/fixtures/merlin-schema from its columns.json

A column is {name, dtype, tags, properties, domain, shape}, tags in alphabetical order, as in `src/schema`. Needs merlin-core 23.8.
"""

import json
import sys
from pathlib import Path

import merlin.dtypes as md
from merlin.schema import ColumnSchema, Schema
from merlin.schema.io.tensorflow_metadata import TensorflowMetadata

FIXTURE = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "merlin-schema"
DTYPES = {"string": md.string, "datetime": md.datetime64}
READERS = {
    "json": lambda folder: TensorflowMetadata.from_json_file(folder / ".merlin"),
    "pbtxt": TensorflowMetadata.from_proto_text_file,
}


def dimension(dim):
    return {"min": dim.min} if dim.max is None else {"min": dim.min, "max": dim.max}


def normalised(column):
    """A column as `src/schema` has it."""
    properties = {k: v for k, v in column.properties.items() if k not in ("domain", "value_count")}
    result = {
        "name": column.name,
        "dtype": {"str": "string", "datetime64": "datetime"}.get(column.dtype.name, column.dtype.name),
        "tags": sorted(getattr(tag, "value", tag) for tag in column.tags),
        "properties": properties,
    }
    if "domain" in column.properties:
        result["domain"] = column.properties["domain"]
    if column.shape.dims is not None:
        result["shape"] = [dimension(dim) for dim in column.shape.dims]
        assert column.is_list == (len(column.shape.dims) > 1)
    return whole(result)


def whole(value):
    """Whole numbers without a fraction, which a Struct gives them; beyond 2^53 as text, which no reader of JSON rounds."""
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return str(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def read(folder):
    return {
        name: [normalised(column) for column in reader(folder).to_merlin_schema()]
        for name, reader in READERS.items()
    }


def column_schema(given):
    properties = dict(given.get("properties", {}))
    if "domain" in given:
        bounds = {k: int(v) if k != "name" and isinstance(v, str) else v for k, v in given["domain"].items()}
        properties["domain"] = bounds
    dims = tuple((dim["min"], dim.get("max")) for dim in given.get("shape", [])) or None
    dtype = DTYPES.get(given["dtype"]) or getattr(md, given["dtype"].replace("bool", "boolean"))
    return ColumnSchema(given["name"], tags=given["tags"], properties=properties, dtype=dtype, dims=dims)


def write(folder, columns):
    metadata = TensorflowMetadata.from_merlin_schema(Schema([column_schema(column) for column in columns]))
    (folder / ".merlin").mkdir(parents=True, exist_ok=True)
    metadata.to_json_file(folder / ".merlin")
    metadata.to_proto_text_file(folder)


def main():
    match sys.argv[1:]:
        case ["read", folder]:
            json.dump(read(Path(folder)), sys.stdout, indent=2)
        case ["write", folder]:
            write(Path(folder), json.load(sys.stdin))
        case ["fixture"]:
            write(FIXTURE, json.loads((FIXTURE / "columns.json").read_text()))
            (FIXTURE / "expected.json").write_text(json.dumps(read(FIXTURE), indent=2) + "\n")
        case _:
            sys.exit(__doc__)


main()
