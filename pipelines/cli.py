"""The command line: what each command does, its exit code, and one clear line a problem.

Modules of the work itself are imported by the command that needs them, so that a quick one answers quickly.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.keeping import commands as keeping
from pipelines.operations import commands as operations
from pipelines.operations import run_log

if TYPE_CHECKING:
    from pipelines.releases import Release

DONE, REFUSED = 0, 1
NOTHING_TO_BUILD = "Nothing new to build; what was served before is served still"
DATA_HELP = "Data folder; default data/ or GENOMICS_DATA."


class Commands(click.Group):
    """A group whose commands end with a clear line, never a traceback, unless --verbose asks for one.

    The group's own options may stand before or after a command's name.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with run_log.recorded(ctx, _problem):
                return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.obj and ctx.obj["verbose"]:
                raise
            click.echo(_problem(error), err=True)
            sys.exit(REFUSED)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command that knows the group's options too."""
        cmd.params = [*cmd.params, *_shared_options()]
        super().add_command(cmd, name)


def _shared_options() -> list[click.Parameter]:
    path = click.Path(path_type=Path)
    return [
        click.Option(["--data"], type=path, expose_value=False, callback=_choose_folder, help=DATA_HELP),
        click.Option(["--verbose"], is_flag=True, expose_value=False, callback=_set, help="Show an error's traceback."),
        click.Option(["--quiet"], is_flag=True, expose_value=False, callback=_set, help="Show no progress."),
    ]


def _choose_folder(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    settings = ctx.ensure_object(dict)
    if value is not None:
        settings["folders"] = Folders(value.resolve())


def _set(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    settings = ctx.ensure_object(dict)
    settings[str(option.name)] = settings.get(str(option.name), False) or value


def _set_engine(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    ctx.ensure_object(dict)[str(option.name)] = value or None


def _engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What runs the SQL of sql/, for a command that builds."""
    where = click.option(
        "--engine-data",
        metavar="PATH",
        default=lambda: os.environ.get("GENOMICS_ENGINE_DATA"),
        expose_value=False,
        callback=_set_engine,
        help="Where the engine's machines see the data folder, if elsewhere; or GENOMICS_ENGINE_DATA.",
    )
    which = click.option(
        "--engine",
        metavar="sc://HOST:PORT",
        default=lambda: os.environ.get("GENOMICS_ENGINE"),
        expose_value=False,
        callback=_set_engine,
        help="Run sql/ on this Spark Connect server, not on DuckDB here; or GENOMICS_ENGINE.",
    )
    return which(where(command))


@click.group(cls=Commands, params=_shared_options(), context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_obj
def main(obj: dict[str, Any]) -> None:
    """From extracts to figures: ingest, build, protect and publish."""
    obj.setdefault("folders", Folders(Path(os.environ.get("GENOMICS_DATA") or "data").resolve()))


@main.command()
@click.option("--years", type=click.FloatRange(min=0.5, max=15), default=5.5, show_default=True)
@click.option("--requests-per-year", type=click.IntRange(min=100), default=60_000, show_default=True)
@click.option("--seed", type=int, default=20_240_401, show_default=True)
@click.option("--until", metavar="YYYY-MM", default=None, help="Newest month; default the last whole month.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder; default the inbox.")
@click.pass_obj
def demo(
    obj: dict[str, Any], years: float, requests_per_year: int, seed: int, until: str | None, out: Path | None
) -> None:
    """Write synthetic extracts that look like the service."""
    from pipelines.demo import write_demo

    place = out or obj["folders"].inbox
    write_demo(place, years, requests_per_year, seed, until, quiet=obj["quiet"])
    click.echo(f"Synthetic extracts written to {_shown(place)}")


@main.command()
@click.argument("inbox", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.pass_obj
def ingest(obj: dict[str, Any], inbox: Path | None) -> None:
    """Read new submissions into the lake; write returns and the register."""
    sys.exit(_ingest(obj, inbox)[0])


@main.command()
@click.option("--anew", is_flag=True, help="Use nothing that earlier builds kept, and make a release in any case.")
@_engine_options
@click.pass_obj
def build(obj: dict[str, Any], anew: bool) -> None:
    """Make a release of everything accepted so far."""
    release = _build(obj, anew)
    _say_set_aside(release)
    click.echo(f"Release {release.release_id}")


@main.command()
@click.argument("release", required=False)
@click.pass_obj
def publish(obj: dict[str, Any], release: str | None) -> None:
    """Serve a release, the newest by default."""
    from pipelines import releases

    click.echo(f"Serving {releases.publish(obj['folders'], release).release_id}")


@main.command()
@click.pass_obj
def rollback(obj: dict[str, Any]) -> None:
    """Serve the release before the one being served."""
    from pipelines import releases

    click.echo(f"Serving {releases.roll_back(obj['folders']).release_id}")


@main.command()
@click.argument("inbox", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@_engine_options
@click.pass_obj
def refresh(obj: dict[str, Any], inbox: Path | None) -> None:
    """Ingest, build and publish what is new.

    Exit code 1 where no release came of it: the build stopped, or all that was new was refused. Where nothing is new to
    build, what is served stays, a release that was rolled back to included.
    """
    if _refresh(obj, inbox):
        raise PipelineError("refresh: all that was new was refused, so no release came of it")


@main.command()
@click.pass_obj
def start(obj: dict[str, Any]) -> None:
    """Have something to serve: demonstration extracts where nothing was ever sent, then a refresh.

    Where a release is served already, what went wrong with newer submissions is said and the release stands.
    """
    from pipelines import releases
    from pipelines.demo import write_demo
    from pipelines.locking import locked

    folders: Folders = obj["folders"]
    try:
        serving = releases.last_good(folders)
    except PipelineError:  # the pointer or the list of what was served is damaged; the refresh mends it, or says so
        serving = None
    try:
        with locked(folders):
            begun = folders.data / ".demonstration"  # there while it is being written: a start that was stopped
            if serving is None and (begun.exists() or not any(folders.inbox.glob("*"))):
                click.echo("No release yet: making synthetic demonstration extracts")
                begun.touch()
                write_demo(folders.inbox, quiet=obj["quiet"])
                begun.unlink()
            _refresh(obj, None)
    except Exception as error:
        if serving is None:
            raise
        obj["problem"] = error
        click.echo(_problem(error), err=True)
        click.echo(f"Serving {serving.release_id}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(obj: dict[str, Any], as_json: bool) -> None:
    """What is loaded, missing, late and refused. Exact counts: for the build side and stewards only."""
    from pipelines import held_back, releases
    from pipelines.ingest.register import Register
    from pipelines.status import as_status, summary

    folders: Folders = obj["folders"]
    rows = as_status(Register(folders.register)) if folders.register.exists() else []
    serving, wrong = releases.last_good(folders), releases.trouble(folders)
    set_aside = serving.manifest.get("set_aside", []) if serving else []
    held = held_back.held_back(folders)
    if as_json:
        more = {"set_aside": set_aside, "held_back": held, "trouble": wrong}
        click.echo(json.dumps({"submissions": rows} | {name: told for name, told in more.items() if told}, indent=2))
        return
    click.echo(f"Serving: {serving.release_id if serving else 'nothing yet'}")
    for line in [*wrong, *(held_back.lines(held) if held else ())]:
        click.echo(line)
    for line in summary(rows, set_aside):
        click.echo(line)


@main.command("releases")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_releases(obj: dict[str, Any], as_json: bool) -> None:
    """The releases, oldest first, and the one being served."""
    from pipelines import releases

    serving = releases.current(obj["folders"])
    rows = [
        {
            "release_id": release.release_id,
            "created_at": release.manifest["created_at"],
            "is_synthetic": release.manifest["is_synthetic"],
            "is_current": serving is not None and serving.release_id == release.release_id,
        }
        for release in releases.releases(obj["folders"])
    ]
    if as_json:
        click.echo(json.dumps({"releases": rows}, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['release_id']}  {'synthetic' if row['is_synthetic'] else 'real':9}  "
            + ("current" * row["is_current"])
        )


@main.command()
@click.pass_obj
def verify(obj: dict[str, Any]) -> None:
    """Check every stored hash: each release's own files, and the lake rows behind the one being served."""
    from pipelines import releases
    from pipelines.lake import file_by_id

    folders: Folders = obj["folders"]
    serving, unread = releases.current(folders), releases.unreadable(folders)
    found = [
        problem
        for release in releases.releases(folders)
        for problem in releases.problems(
            release,
            (lambda name: file_by_id(folders, name)) if serving and release.release_id == serving.release_id else None,
        )
    ]
    found += [f"release {name}: its manifest cannot be read; restore it or delete the folder" for name in unread]
    found += _damaged_rows(folders, found)
    found += [line for line in releases.trouble(folders) if line not in found]
    if found:
        raise PipelineError("\n".join(found))
    whole = len(releases.releases(folders))
    click.echo(f"{whole} release is as it was built" if whole == 1 else f"{whole} releases are as they were built")


@main.command()
def secret() -> None:
    """Make the secret of the keyed rounding, which real extracts need; its place is printed, never what it holds."""
    from pipelines.disclosure.secret import make_secret, secret_file

    made = make_secret()
    click.echo(f"Rounding secret {made.fingerprint} made at {secret_file()}")


@main.command()
@click.argument("figure_id", metavar="ID")
@click.option(
    "--check", "expected", metavar="HASH", help="Say whether the bytes have this SHA-256, instead of printing."
)
@click.pass_obj
def figure(obj: dict[str, Any], figure_id: str, expected: str | None) -> None:
    """Print the bytes of a cited figure again, as CSV, from the release that it came from; notes go to stderr."""
    from pipelines.cited import cited_file, notes

    cited = cited_file(obj["folders"], figure_id)
    if expected is not None and expected.strip().lower() != cited.fingerprint:
        raise PipelineError(f"figure: not the same; the release gives SHA-256 {cited.fingerprint}")
    for line in notes(obj["folders"], cited):
        click.echo(line, err=True)
    if expected is not None:
        click.echo("The same")
    else:
        click.echo(cited.content, nl=False)


@main.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Count from this day on.")
@click.option("--head", "anchor", metavar="HASH", help="A hash kept elsewhere, which the trail must hold.")
@click.option(
    "--archived", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Check archived months too."
)
@click.option(
    "--archive", "before", type=click.DateTime(["%Y-%m"]), metavar="YYYY-MM", help="Archive the months before this one."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def audit(
    obj: dict[str, Any],
    since: dt.datetime | None,
    anchor: str | None,
    archived: Path | None,
    before: dt.datetime | None,
    as_json: bool,
) -> None:
    """Verify the audit trail: exit code 1 and the first line that is altered, missing, added or out of place."""
    from pipelines import audit_trail

    place = obj["folders"].audit
    if before is not None:
        moved = audit_trail.archive(place, f"{before:%Y-%m}")
        click.echo(f"Moved to {audit_trail.ARCHIVE}/: {', '.join(moved) or 'nothing'}")
    day = f"{since:%Y-%m-%d}" if since else ""
    verdict = audit_trail.verify(place, day, (anchor or "").strip().lower(), archived)
    if as_json:
        click.echo(json.dumps(audit_trail.as_json(verdict), indent=2))
        sys.exit(DONE if verdict.is_whole else REFUSED)
    if verdict.problem:
        raise PipelineError(f"audit: {verdict.problem}")
    for line in audit_trail.told(verdict, day):
        click.echo(line)


for command in (*keeping.COMMANDS, *operations.COMMANDS):
    main.add_command(command)


def _damaged_rows(folders: Folders, told: Sequence[str]) -> list[str]:
    """What is wrong with the register and the lake's rows, beyond those that were told of with a release."""
    from pipelines.ingest.register import Register
    from pipelines.lake import damaged, lake_file
    from pipelines.releases import REMEDY

    if not folders.register.exists():
        return []
    try:
        with Register(folders.register) as register:
            # Rows of versions that are no longer in use may have gone by the rules of retention.
            entries = [
                entry
                for entry in register.all()
                if entry.state == "accepted" or (entry.state != "refused" and lake_file(folders, entry).exists())
            ]
            broken = damaged(folders, entries, register.lake_files())
    except PipelineError as error:
        return [str(error)]
    names = [entry.submission_id for entry in broken if not any(entry.submission_id in line for line in told)]
    return [f"lake: {name} is missing or has changed since it was read; {REMEDY}" for name in names]


def _say_set_aside(release: Release) -> None:
    from pipelines.status import set_aside_lines

    for line in set_aside_lines(release.manifest.get("set_aside", [])):
        click.echo(line, err=True)


def _refresh(obj: dict[str, Any], inbox: Path | None) -> bool:
    """Ingest, build and serve what is new, under one lock; whether there was something new and all was refused."""
    from pipelines.locking import locked

    with locked(obj["folders"]):
        return _refreshed(obj, inbox)


def _refreshed(obj: dict[str, Any], inbox: Path | None) -> bool:
    from pipelines.kept import at_rest

    folders: Folders = obj["folders"]
    place = inbox or folders.inbox
    is_usual = obj.get("engine") is None  # what another engine would do now, only it can tell
    if is_usual and (serving := at_rest.served_still(folders, place)):
        from pipelines.status import counts

        click.echo(counts([]))
        click.echo(NOTHING_TO_BUILD)
        click.echo(f"Serving {serving}")
        obj["at_rest"] = serving
        return False
    before = at_rest.given(place) if place.is_dir() else ""
    all_refused = _ingest(obj, inbox)[1]
    _build_and_serve(obj)

    from pipelines.build import is_built

    if is_usual:
        at_rest.note(folders, before, lambda: is_built(folders))
    return all_refused


def _build(obj: dict[str, Any], anew: bool = False) -> Release:
    from pipelines.build import build as make
    from pipelines.engine import engine_at

    with engine_at(obj.get("engine"), obj.get("engine_data")) as engine:
        return make(obj["folders"], obj["quiet"], anew, engine)


def _build_and_serve(obj: dict[str, Any]) -> None:
    """Build what is new and serve it; a release that was served before and is not now was rolled back, and stays so."""
    from pipelines import releases

    release = _build(obj)
    serving, is_new = releases.serve_built(obj["folders"], release)
    if is_new:
        _say_set_aside(release)
    else:
        click.echo(NOTHING_TO_BUILD)
    click.echo(f"Serving {serving.release_id}")


def _ingest(obj: dict[str, Any], inbox: Path | None) -> tuple[int, bool]:
    """Exit code, and whether there was something new and all of it was refused."""
    from pipelines.ingest import ingest as read_submissions
    from pipelines.status import counts

    folders: Folders = obj["folders"]
    new = read_submissions(folders, inbox or folders.inbox, obj["quiet"], tell=lambda line: click.echo(line, err=True))
    refused = [submission for submission in new if submission.state == "refused"]
    for submission in refused:
        click.echo(f"{submission.file}: refused: {submission.refused_because}", err=True)
    click.echo(counts(new))
    return REFUSED if refused else DONE, bool(new) and len(refused) == len(new)


def _problem(error: Exception) -> str:
    """One line a problem. What a library says may quote data, so only its kind is told."""
    from catalogue.contracts import CatalogueError

    if isinstance(error, PipelineError | CatalogueError):
        return str(error)
    if remedy := _remedy(error):
        return f"{remedy}; what was there before stands"
    if isinstance(error, OSError) and error.strerror:
        where = f" ({Path(str(error.filename)).name})" if error.filename else ""
        return f"{error.strerror}{where}; what was there before stands"
    kind = f"{type(error).__module__.partition('.')[0]}.{type(error).__name__}"
    return f"Stopped by an unexpected error ({kind}); what was there before stands. --verbose shows where."


def _remedy(error: BaseException) -> str | None:
    """What to do about a disk that is full or may not be written, whichever library met it first."""
    said = f"{getattr(error, 'errno', '')} {error}"
    no_room = ("No space left", "disk is full")
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(words in said for words in no_room):
        return "The disk is full: free space for the data folder and run this again"
    if getattr(error, "errno", None) in (errno.EROFS, errno.EACCES, errno.EPERM) or any(
        words in said for words in ("Read-only file system", "readonly database", "Permission denied")
    ):
        return "The data folder may not be written: give this user the right to, and run this again"
    return None


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
