"""What each published measure rests on, kept in the release: its SQL, its worked example, a fingerprint of every part.

A release keeps its own, since the code on the machine may be newer than the figures; two releases are compared by them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import polars as pl
import sqlglot

from catalogue.contracts import EXTRACTS, ROOT
from catalogue.indicators import DECIDES_NUMBERS, Indicator
from catalogue.reference import FOLDER as REFERENCE
from pipelines.hashes import ENDINGS, of_texts, sha256_of
from pipelines.models import INDICATOR, Model
from pipelines.quality.grades import read_by

EXAMPLES = ROOT / "tests" / "indicators"

#: Code and choices by which every measure is worked, whatever its definition.
CALCULATION = ("catalogue", "methods", "pipelines")

#: The demonstration's own code makes submissions, never figures.
NOT_CALCULATION = ROOT / "pipelines" / "demo"

_TEXTS = dict.fromkeys(("indicator", "sql", "worked_example"), pl.String)
_PARTS = dict.fromkeys(("indicator", "part", "name", "fingerprint"), pl.String)


def definition_rows(entries: dict[str, Indicator], models: Sequence[Model], examples: Path = EXAMPLES) -> pl.DataFrame:
    """One row a published indicator: its `sql` as it was run and its `worked_example` as YAML, null without one."""
    texts = {model.name: model.sql for model in models}
    rows = [
        (name, texts.get(f"{INDICATOR}{name}"), _text(examples / f"{name}.yml"))
        for name, entry in entries.items()
        if entry.published
    ]
    return pl.DataFrame(rows, schema=_TEXTS, orient="row")


def part_rows(entries: dict[str, Indicator], models: Sequence[Model], rounding: str) -> pl.DataFrame:
    """One row a published indicator and part that it rests on: `part` is its kind, `fingerprint` of what it says.

    Parts: `words` and `choices` of its entry, its own `sql`, each `table` that is made on the way, each `reference`
    table and `extract` contract read. The rows of indicator '' bear on all: the `calculation`, and `rounding`.
    """
    by_name = {model.name: model for model in models}
    rows = [("", "calculation", "code", _calculation()), ("", "rounding", "secret", rounding)]
    for name, entry in entries.items():
        if entry.published:
            found = [*_entry_parts(entry), *_table_parts(entry, models, by_name)]
            rows += [(name, *part) for part in sorted(set(found))]
    return pl.DataFrame(rows, schema=_PARTS, orient="row")


def fingerprints(parts: pl.DataFrame) -> dict[str, str]:
    """One fingerprint an indicator over all that decides its numbers: the words of its entry do not."""
    deciding = parts.filter(pl.col("indicator") != "", pl.col("part") != "words")
    return {
        str(name): of_texts(f"{part}:{what}:{mark}" for _, part, what, mark in own.iter_rows())
        for (name,), own in deciding.group_by("indicator", maintain_order=True)
    }


def _entry_parts(entry: Indicator) -> Iterable[tuple[str, str, str]]:
    told = entry.model_dump(mode="json", exclude={"id"})
    choices = {name: told.pop(name) for name in DECIDES_NUMBERS}
    return ("choices", entry.id, _of_json(choices)), ("words", entry.id, _of_json(told))


def _table_parts(
    entry: Indicator, models: Sequence[Model], by_name: dict[str, Model]
) -> Iterable[tuple[str, str, str]]:
    """Everything that the SQL reads on the way; of a derived indicator, that of those that it follows from."""
    worked = [entry.formula.of, entry.formula.to] if entry.formula else [entry.id]
    read = set[str]().union(*(read_by(models, f"{INDICATOR}{name}") for name in worked if name))
    for table in read:
        if table in by_name:
            part, name = ("sql", table.removeprefix(INDICATOR)) if table.startswith(INDICATOR) else ("table", table)
            yield part, name, _of_sql(by_name[table].sql)
        elif (path := REFERENCE / f"{table.removeprefix('ref_')}.csv").exists():
            yield "reference", path.stem, sha256_of(path)
        elif (path := EXTRACTS / f"{table.removeprefix('lake_')}.yml").exists():
            yield "extract", path.stem, sha256_of(path)


@cache
def _of_sql(sql: str) -> str:
    """A fingerprint of what a query does: comments, line breaks and blanks do not count."""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    return of_texts(sql[token.start : token.end + 1] for token in tokens)


def _of_json(told: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@cache
def _calculation() -> str:
    files = sorted(
        path
        for folder in CALCULATION
        for path in (ROOT / folder).rglob("*")
        if path.suffix in ENDINGS and EXTRACTS not in path.parents and NOT_CALCULATION not in path.parents
    )
    return of_texts(f"{path.relative_to(ROOT).as_posix()}:{sha256_of(path)}" for path in files)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
