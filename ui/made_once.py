"""What is worked out of a release is made once for all readers of a server, and kept while it is asked for.

Streamlit's own caches do the same, but put their keys together by pickling and hashing every argument: on a page that
asks 87 times, some 50 of 395 milliseconds.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from cachetools import LRUCache, cached

Function = TypeVar("Function", bound=Callable[..., Any])

#: What is kept, by the function that made it.
_KEPT: dict[str, LRUCache[Hashable, Any]] = {}

#: Lists that tests have told what is made.
_WATCHED: list[list[str]] = []


def made_once(most: int) -> Callable[[Function], Function]:
    """The function's results are kept by its arguments, but for those whose name begins with an underscore.

    One of the others must say which release it is: the path of its store, which is never used twice. Arguments are
    given by place and can be hashed. Who asks for what another is making waits for it. most: so many are kept; what has
    not been asked for longest goes first.
    """

    def keeping(function: Function) -> Function:
        parameters = list(inspect.signature(function).parameters)
        places = [place for place, name in enumerate(parameters) if not name.startswith("_")]

        def key(*given: Any) -> Hashable:
            return tuple(given[place] for place in places)

        name = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def made(*given: Any) -> Any:
            for names in _WATCHED:
                names.append(name)
            return function(*given)

        kept: LRUCache[Hashable, Any] = LRUCache(most)
        _KEPT[name] = kept
        return cast(Function, cached(kept, key, condition=threading.Condition())(made))

    return keeping


def forget() -> None:
    """Forget all that is kept, as a server that starts anew has."""
    for kept in _KEPT.values():
        kept.clear()


def sizes() -> dict[str, tuple[int, int]]:
    """How many results of each function are kept, and how many may be."""
    return {name: (int(kept.currsize), int(kept.maxsize)) for name, kept in _KEPT.items()}


@contextmanager
def watched() -> Iterator[list[str]]:
    """The functions whose results are made within the block, in order, for tests; what was kept is not among them."""
    names: list[str] = []
    _WATCHED.append(names)
    try:
        yield names
    finally:
        _WATCHED.remove(names)
