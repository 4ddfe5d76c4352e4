"""Runs the app headless on a made-up release of each kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from tests.pages.page_tables import tables
from tests.ui.store import Variant, make_store
from ui.data import ENVIRONMENT

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variant], Path]:
    """Data folder of a variant, made once."""
    made: dict[str, Path] = {}

    def folder(variant: Variant) -> Path:
        if variant not in made:
            made[variant] = tmp_path_factory.mktemp(variant)
            make_store(made[variant], variant)
        return made[variant]

    return folder


@pytest.fixture
def as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages run through app.py from the first run on, as server.py has it; the test tool's own first run would not."""
    made = PagesManager.__init__

    def through_the_app(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", through_the_app)


@pytest.fixture
def open_page(stores: Callable[[Variant], Path], monkeypatch: pytest.MonkeyPatch, as_served: None) -> Open:
    """Opens a page of the app on a variant of the store, or on a folder, with filters in its address."""

    def run(page: str, variant: Variant | Path = "full", **query: str) -> AppTest:
        folder = variant if isinstance(variant, Path) else stores(variant)
        monkeypatch.setenv(ENVIRONMENT, str(folder))
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if page != "home":
            app.run()
            app.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        return app

    return run


def text_of(app: AppTest) -> str:
    """All text of a page: headings, paragraphs, notes, tables, text alternatives of charts."""
    parts = [
        element.value for kind in ("title", "header", "subheader", "markdown", "caption") for element in app.get(kind)
    ]
    parts += [element.value for kind in ("info", "warning", "error") for element in app.get(kind)]
    parts += [f"{metric.label} {metric.value}" for metric in app.metric]
    parts += [table.value.to_csv() for table in tables(app)]
    parts += [chart.proto.alt for chart in app.get("plotly_chart")]
    return "\n".join(str(part) for part in parts)
