"""The data dictionary page, docs/data-dictionary.md, made from the contracts by `python -m catalogue.dictionary`."""

from __future__ import annotations

from catalogue.contracts import ROOT, YES_NO, Column, Contract, extract_contracts
from catalogue.reference import codes, labels, reference_tables

PAGE = ROOT / "docs" / "data-dictionary.md"
SHOWN_CODES = 12

OPENING = """# Data dictionary

Made from `catalogue/extracts/*.yml` and `reference/*.yml` by `python -m catalogue.dictionary`; edit those instead.

A submission is one file: `<extract>__<submitter>__<period>__v<N>.csv`, `.csv.gz` or `.parquet`, for instance
`testing__EDI__2026-03__v2.csv`. CSV is UTF-8 with commas, one header row and ISO dates (2026-03-31). A higher version
replaces the whole of the one before. Columns may stand in any order; every column must be there, even if it is empty.
A yes/no column holds `yes`, `no` or `not_recorded`. Identifiers are pseudonyms: no name, CHI number, postcode, address,
e-mail or telephone number may stand anywhere in a file, or the whole file is refused.
"""


def dictionary() -> str:
    """The page as Markdown."""
    extracts = [_extract(contract) for contract in extract_contracts().values()]
    rows = [
        f"| {name} | {table.title} | {table.source} | {table.licence} |" for name, table in reference_tables().items()
    ]
    reference = ["## Reference data", "", "| table | holds | source | licence |", "| --- | --- | --- | --- |", *rows]
    return "\n".join([OPENING, *extracts, *_long_lists(), *reference, ""])


def _long_lists() -> list[str]:
    """Every list that is too long for its column's row, code by code."""
    used = {column.codes for contract in extract_contracts().values() for column in contract.columns if column.codes}
    found = {name: labels(name) for name in sorted(used) if len(labels(name)) > SHOWN_CODES}
    rows = [f"- **{name}**: {_with_labels(held)}" for name, held in found.items()]
    return ["## Code lists", "", *rows, ""]


def _with_labels(held: dict[str, str]) -> str:
    return "; ".join(f"`{code}` {label}" for code, label in held.items())


def _extract(contract: Contract) -> str:
    tolerance = contract.tolerance
    lines = [
        f"## {contract.extract}: {contract.title}",
        "",
        f"{contract.grain}. Period: {contract.period.lower()}. Key: {', '.join(contract.key)}. "
        f"Sent by: {contract.submitters.replace('_', ' ')}. A file with over {tolerance.share:.0%} of unusable rows "
        f"({tolerance.small_file_share:.0%} under {tolerance.small_file_rows} rows) is refused whole.",
        "",
        "| column | type | required | holds | meaning | source | identifying risk |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_row(column) for column in contract.columns),
        "",
    ]
    orders = [f"{earlier} to {later}" for earlier, later in contract.date_order]
    if orders:
        lines += [f"Dates run in order: {'; '.join(orders)}.", ""]
    limits = [f"{part} to {whole}" for part, whole in contract.not_more_than]
    if limits:
        lines += [f"The first is never more than the second: {'; '.join(limits)}.", ""]
    if contract.not_both:
        lines += [
            f"Only one of the two may be filled: {'; '.join(' or '.join(pair) for pair in contract.not_both)}.",
            "",
        ]
    return "\n".join(lines)


def _row(column: Column) -> str:
    required = "yes" if column.required else ""
    cells = (
        column.name,
        column.type.replace("_", "/"),
        required,
        _holds(column),
        column.meaning,
        column.source,
        column.risk,
    )
    return f"| {' | '.join(cells)} |"


def _holds(column: Column) -> str:
    if column.type == "yes_no":
        return ", ".join(YES_NO)
    if column.codes:
        allowed = codes(column.codes)
        shown = ", ".join(allowed) if len(allowed) <= SHOWN_CODES else f"{len(allowed)} codes"
        return f"{shown} (list {column.codes})" + (", others kept as not recognised" if column.open_codes else "")
    if column.unit:
        bounds = (
            [f"{column.minimum:g} to" if column.minimum is not None else "up to"] if column.maximum is not None else []
        )
        return " ".join([*bounds, *([f"{column.maximum:g}"] if column.maximum is not None else []), column.unit])
    return f"`{column.pattern}`" if column.pattern else ""


if __name__ == "__main__":
    PAGE.write_text(dictionary(), encoding="utf-8")
