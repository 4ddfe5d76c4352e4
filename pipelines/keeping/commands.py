"""The commands that keep, restore and clear out: `backup`, `verify-backup`, `restore` and `prune`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipelines.errors import PipelineError

PART_HELP = "What to keep: what the build's user reads, what the app's user reads, or all."
KEPT_APART = "The rounding secret is not in it, and must be kept apart: with both, rounding can be undone."


@click.command()
@click.argument("destination", type=click.Path(path_type=Path, file_okay=False), metavar="DEST")
@click.option("--part", type=click.Choice(["all", "build", "app"]), default="all", show_default=True, help=PART_HELP)
@click.option("--wait", type=click.FloatRange(min=0), default=0, metavar="MINUTES", help="Wait for a running build.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Remove all but the newest N of this part.")
@click.pass_obj
def backup(obj: dict[str, Any], destination: Path, part: Any, wait: float, keep: int | None) -> None:
    """Keep the data folder in a new folder below DEST; what is there already is not copied again."""
    from pipelines.keeping.backup import backup as make
    from pipelines.keeping.manifest import shown_all

    made = make(obj["folders"], destination, part, wait * 60, keep, obj["quiet"])
    if made.left_out:
        click.echo(
            f"Left out, being links, or names that are no text, or changing meanwhile: {shown_all(made.left_out)}",
            err=True,
        )
    click.echo(
        f"Backup {made.folder.name}: {len(made.manifest.files):,} files, {_mb(made.manifest.size)}; "
        f"{_mb(made.written)} of it new"
    )
    if made.dropped:
        click.echo(f"Removed older backups: {', '.join(made.dropped)}")
    click.echo(f"SHA-256 of its manifest, to note elsewhere: {made.manifest_hash}")
    click.echo(KEPT_APART)
    if made.wrong:
        raise PipelineError(
            f"backup: kept as they are, but changed since they were built: {shown_all(made.wrong)}; "
            "`verify` says more; restore these from an earlier backup"
        )


@click.command("verify-backup")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="BACKUP")
@click.option("--manifest", "expected", metavar="HASH", default="", help="The manifest's SHA-256 as noted elsewhere.")
@click.pass_obj
def verify_backup(obj: dict[str, Any], folder: Path, expected: str) -> None:
    """Read every file of a backup and compare its hash; exit code 1 and each file that is missing or has changed."""
    from pipelines.keeping.restore import check

    held, problems = check(folder.resolve(), expected, obj["quiet"])
    if problems:
        raise PipelineError("\n".join(problems))
    click.echo(f"Backup {held.folder.name} is whole: {len(held.manifest.files):,} files, {_mb(held.manifest.size)}")


@click.command()
@click.argument(
    "backups",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="BACKUP...",
    nargs=-1,
    required=True,
)
@click.pass_obj
def restore(obj: dict[str, Any], backups: tuple[Path, ...]) -> None:
    """Put a backup, or one of each part, into an empty data folder (--data): every hash is checked first."""
    from pipelines.keeping.restore import restore as put_back

    done = put_back(obj["folders"], [folder.resolve() for folder in backups], obj["quiet"])
    click.echo(f"Restored {done.files:,} files, {_mb(done.size)}, to {obj['folders'].data}")
    for line in done.told:
        click.echo(line)
    click.echo("Only this user may read it: where two users share it, run deploy/permissions.sh now")
    if done.wrong:
        raise PipelineError(
            "\n".join([*done.wrong, "restore: all is as it was kept; the above was wrong already then"])
        )


@click.command()
@click.option("--apply/--dry-run", default=False, show_default=True, help="Remove it; else only say what would go.")
@click.pass_obj
def prune(obj: dict[str, Any], apply: bool) -> None:
    """Say what the rules of retention no longer keep, and with --apply remove it; cited figures stay."""
    from pipelines.keeping.prune import prune as clear_out
    from pipelines.keeping.retention import retention

    items = clear_out(obj["folders"], retention(), apply)
    for item in items:
        click.echo(f"{item.what}: {item.files:,} files, {_mb(item.size)} (rule {item.rule})")
    total = f"{sum(item.files for item in items):,} files, {_mb(sum(item.size for item in items))}"
    if not items:
        click.echo("Nothing is kept longer than the rules say")
    elif apply:
        click.echo(f"Removed {total}; noted in releases/pruned.jsonl")
    else:
        click.echo(f"Would remove {total}; nothing was removed, --apply does it")


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


COMMANDS = (backup, verify_backup, restore, prune)
