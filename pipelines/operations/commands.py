"""The commands `health` and `metrics`: how the build side is, for people on call and for a monitoring system."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def health(obj: dict[str, Any], as_json: bool) -> None:
    """Say what somebody should look at: exit code 1 and a line for each, 0 where there is nothing."""
    from pipelines.operations.state import look, problems

    state = look(obj["folders"])
    found = problems(state)
    if as_json:
        told = {
            "serving": state.serving.release_id if state.serving else None,
            "data_to": state.data_to.isoformat() if state.data_to else None,
            "data_expected_to": state.data_expected_to.isoformat(),
            "problems": found,
        }
        click.echo(json.dumps(told, indent=2))
    else:
        for line in found:
            click.echo(line, err=True)
        if not found:
            click.echo("All is well")
    sys.exit(1 if found else 0)


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write instead; - prints them.")
@click.pass_obj
def metrics(obj: dict[str, Any], out: Path | None) -> None:
    """Write the metrics of freshness, late submissions and failures, in the text format of Prometheus."""
    from prometheus_client import generate_latest

    from pipelines.operations.metrics import metrics_file, registry, write_metrics
    from pipelines.operations.state import look

    folders = obj["folders"]
    if out == Path("-"):
        click.echo(generate_latest(registry(look(folders))), nl=False)
    else:
        write_metrics(folders, out or metrics_file(folders))


COMMANDS = (health, metrics)
