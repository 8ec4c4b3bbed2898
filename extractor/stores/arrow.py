"""Arrow schemas, derived from the models and the table of claims, and rows that fit them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

from extractor.documents import Abstract, replace_surrogates
from extractor.errors import StoreError
from extractor.results import Problem, Result
from extractor.stores.claim_rows import ColumnType, list_columns, read_time
from extractor.stores.jsonl import Record, dump_json

BATCH_ROWS = 1000

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


@cache
def build_results_schema() -> pa.Schema:
    """The columns of whole results, one row for each extraction; nothing of a result is lost.

    They are named and nested as the keys of a JSON line. What a model or a server may fill with
    anything (`rejected[].claim`, `provenance.parameters`) is a string of JSON.
    """
    result = {name: field.annotation for name, field in Result.model_fields.items()}
    del result["abstract"]
    columns = {
        **{name: field.annotation for name, field in Abstract.model_fields.items()},
        "text_sha256": str,
        **result,
    }
    return pa.schema([(name, _derive_type(kind)) for name, kind in columns.items()])


@cache
def build_claims_schema(*, flat: bool = False) -> pa.Schema:
    """The columns of claims.

    Args:
        flat: one row for each claim, data set and baseline, instead of one for each claim.
    """
    types: dict[ColumnType, pa.DataType] = {
        "text": pa.string(),
        "number": pa.float64(),
        "integer": pa.int64(),
        "time": pa.timestamp("us", tz="UTC"),
        "texts": pa.list_(pa.string()),
        "problems": pa.list_(_derive_type(Problem)),
    }
    return pa.schema([(name, types[kind]) for name, kind in list_columns(flat=flat).items()])


def build_batches(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatchReader:
    """Make batches of rows while they are read."""
    times = [field.name for field in schema if pa.types.is_timestamp(field.type)]

    def build() -> Iterator[pa.RecordBatch]:
        remaining = iter(rows)
        while batch := [_read_times(row, times) for row in islice(remaining, BATCH_ROWS)]:
            try:
                yield pa.RecordBatch.from_pylist(batch, schema=schema)
            except UnicodeEncodeError:
                # A lone surrogate, which no encoding has; JSON has an escape for it.
                yield pa.RecordBatch.from_pylist(_make_encodable(batch), schema=schema)
            except OverflowError as error:
                raise StoreError(
                    f"a number is too large for a column of 64 bits: {error}"
                ) from error

    return pa.RecordBatchReader.from_batches(schema, build())


def encode_record(record: Record) -> Record:
    """Make the JSON object of a result a row of the results schema."""
    rejected = [{**entry, "claim": dump_json(entry["claim"])} for entry in record["rejected"]]
    provenance = record["provenance"]
    parameters = dump_json(provenance.get("parameters") or {})
    return {**record, "rejected": rejected, "provenance": {**provenance, "parameters": parameters}}


def decode_row(row: Mapping[str, Any]) -> Record:
    """Make a row of the results schema a JSON object again."""
    rejected = [{**entry, "claim": json.loads(entry["claim"])} for entry in row["rejected"]]
    # A column that a file of an earlier version lacks is null.
    provenance = {name: value for name, value in row["provenance"].items() if value is not None}
    provenance["parameters"] = json.loads(provenance.get("parameters", "{}"))
    record = {**row, "rejected": rejected, "provenance": provenance}
    if record["text"] is None:
        del record["text"]
    return record


def _derive_type(annotation: Any) -> pa.DataType:
    """The Arrow type of a field of our models."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _derive_type(inner[0])
    if origin in (Union, UnionType):
        (present,) = (part for part in inner if part is not NoneType)
        return _derive_type(present)
    if origin in (list, tuple, frozenset):
        return pa.list_(_derive_type(inner[0]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return pa.struct(
            [(field.alias or name, _derive_type(field.annotation)) for name, field in fields]
        )
    if origin in (Literal, dict) or annotation is Any:
        return pa.string()
    raise TypeError(f"no Arrow type for {annotation}")


def _read_times(row: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    times = {name: read_time(row[name]) for name in names if row[name]}
    return {**row, **times} if times else row


def _make_encodable(value: Any) -> Any:
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, Mapping):
        return {name: _make_encodable(part) for name, part in value.items()}
    return [_make_encodable(part) for part in value] if isinstance(value, list) else value
