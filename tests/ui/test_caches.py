"""Caches are shared by all readers of a server: nothing that depends on who is looking is in one without its key."""

from __future__ import annotations

import ast

import pytest

from catalogue.contracts import ROOT

#: What says who is looking, or what a reader chose outside the key.
OF_A_READER = {"reader", "session_state", "user", "query_params", "context", "claims"}

#: Arguments that are not part of a key. All come with one that is: the path of their database, their release, or
#: the hash of the assumptions.
NOT_IN_KEY = {"_handle", "_snapshot", "_before", "_board", "_returns", "_given"}


def is_cached(function: ast.FunctionDef) -> bool:
    """Whether a function keeps what it returns for all sessions."""
    marks = " ".join(ast.unparse(mark) for mark in function.decorator_list)
    return any(kind in marks for kind in ("cache_data", "cache_resource", "made_once"))


def cached() -> list[tuple[str, ast.FunctionDef]]:
    """Every cached function of the screens."""
    scripts = [ROOT / "app.py", ROOT / "server.py", *(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]
    return [
        (f"{file.stem}.{node.name}", node)
        for file in sorted(scripts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and is_cached(node)
    ]


CACHED = cached()


def test_there_are_caches_to_check():
    assert len(CACHED) > 10


@pytest.mark.parametrize(("name", "function"), CACHED, ids=[name for name, _ in CACHED])
def test_what_is_cached_depends_on_its_key_only(name, function):
    arguments = [argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]]
    keyed = [argument for argument in arguments if not argument.startswith("_")]
    assert keyed, "a cache without a key is the same for every reader and every release"
    assert {argument for argument in arguments if argument.startswith("_")} <= NOT_IN_KEY
    used = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    used |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    assert not used & OF_A_READER
