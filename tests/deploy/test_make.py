"""The Makefile: what installs the environment takes it from an index by hash, or from a folder of wheels alone."""

from __future__ import annotations

import subprocess

import pytest

from catalogue.contracts import ROOT


def steps(*arguments: str) -> list[str]:
    """What make would run, without running it, as on a clean clone."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def installing(lines: list[str]) -> list[str]:
    return [line for line in lines if "pip install" in line and "--requirement requirements.txt" in line]


def test_without_a_folder_packages_come_from_the_index_by_hash() -> None:
    (line,) = installing(steps("setup"))
    assert "--require-hashes" in line
    assert "--no-index" not in line


@pytest.mark.parametrize("folder", ["wheels", "/media/stick/wheels"])
def test_with_a_folder_of_wheels_they_come_from_it_alone_and_by_hash(folder: str) -> None:
    (line,) = installing(steps("setup", f"WHEELS={folder}"))
    assert f"--no-index --find-links {folder} " in line
    assert "--require-hashes" in line


def test_the_folder_is_filled_with_wheels_by_hash_and_with_nothing_that_would_have_to_be_compiled() -> None:
    (line,) = [line for line in steps("wheels", "DEST=there") if "pip download" in line]
    for wanted in ("--require-hashes", "--only-binary :all:", "--dest there", "--requirement requirements.txt"):
        assert wanted in line


def test_the_lists_of_packages_are_made_in_ci() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines.index("make sbom") < lines.index("make test")
