"""The secret of the keyed rounding: where it may lie, who may read it, and when it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from pipelines.disclosure import secret
from pipelines.errors import PipelineError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kept" / "rounding-secret"
    monkeypatch.setenv(secret.ENVIRONMENT, str(path))
    return path


def test_synthetic_data_get_a_secret_on_first_use_and_the_same_one_ever_after(place: Path, tmp_path: Path) -> None:
    first = secret.rounding_secret(tmp_path / "data", is_synthetic=True)
    assert place.stat().st_mode & 0o077 == 0
    assert secret.rounding_secret(tmp_path / "data", is_synthetic=True) == first


def test_real_data_without_a_secret_are_refused_and_none_is_made(place: Path, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no rounding secret"):
        secret.rounding_secret(tmp_path / "data", is_synthetic=False)
    assert not place.exists()


def test_real_data_use_a_secret_that_was_made_on_purpose(place: Path, tmp_path: Path) -> None:
    made = secret.make_secret()
    assert secret.rounding_secret(tmp_path / "data", is_synthetic=False) == made


def test_a_secret_is_never_written_over(place: Path) -> None:
    secret.make_secret()
    before = place.read_bytes()
    with pytest.raises(PipelineError, match="exists already"):
        secret.make_secret()
    assert place.read_bytes() == before


@pytest.mark.parametrize("holds", ["", "abc", "g" * 64, "0" * 63, "0" * 65])
def test_a_file_that_holds_no_secret_is_refused_without_quoting_it(place: Path, tmp_path: Path, holds: str) -> None:
    place.parent.mkdir()
    place.touch(mode=0o600)
    place.write_text(holds)
    with pytest.raises(PipelineError) as problem:
        secret.rounding_secret(tmp_path / "data", is_synthetic=True)
    assert not holds or holds not in str(problem.value)


def test_a_secret_that_others_may_read_is_refused(place: Path, tmp_path: Path) -> None:
    secret.make_secret()
    place.chmod(0o640)
    with pytest.raises(PipelineError, match="others may read"):
        secret.rounding_secret(tmp_path / "data", is_synthetic=False)


def test_a_secret_within_the_data_or_the_product_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for inside in (tmp_path / "data" / "secret", ROOT / "secret"):
        monkeypatch.setenv(secret.ENVIRONMENT, str(inside))
        with pytest.raises(PipelineError, match="may not lie"):
            secret.rounding_secret(tmp_path / "data", is_synthetic=True)
        assert not inside.exists()


def test_neither_the_secret_nor_its_keys_are_printed() -> None:
    made = secret.Secret.of("a" * 64)
    assert made.inner not in repr(made)
    assert made.outer not in repr(made)
    assert len({made.inner, made.outer, made.fingerprint}) == 3
