"""A session with a Spark Connect server: one clear line where there is none, and no token in any message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.engine.client import DefaultChannelBuilder, DefaultPolicy, PySparkException, SparkSession, grpc
from pipelines.errors import PipelineError

#: An engine that is up answers well within this; one that is not is reported rather than waited for.
SECONDS_TO_ANSWER = 20.0
#: Tries of one call, ever further apart: with five a network that comes back within about 20 seconds is ridden out.
#: The client's own fifteen would hold a build for ten minutes before it says that the engine has gone.
TRIES = 5
#: Dates are dates everywhere, and what cannot be worked out is an error rather than null.
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}


@contextmanager
def connected(url: str, seconds: float = SECONDS_TO_ANSWER) -> Iterator[tuple[SparkSession, dict[str, str]]]:
    """A session, and what the server says of itself; the server forgets the session when the context ends.

    Raises PipelineError where the address is none, or no Spark Connect server answers there in time.
    """
    try:
        builder = DefaultChannelBuilder(url)
    except PySparkException as error:
        raise PipelineError("--engine: an address is written sc://HOST:PORT") from error
    where = f"--engine: {builder.endpoint}"
    _insist_on_answer(builder, where, seconds)
    with explained(where):
        session = SparkSession.builder.channelBuilder(builder).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=TRIES)])
    try:
        with explained(where):
            for name, value in SETTINGS.items():
                session.conf.set(name, value)
            ((version,),) = session.sql("SELECT version()").collect()
            about = {"name": "Spark Connect", "version": session.version, "server": str(version)}
        yield session, about
    finally:
        session.stop()


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Errors of the engine as one line that begins with what was done.

    Only the kind of an error is told, as its text may quote values of the data; --verbose shows all of it.
    """
    try:
        yield
    except PySparkException as error:
        kind = error.getCondition() or type(error).__name__
        raise PipelineError(
            f"{doing}: the engine answered with an error ({kind}); --verbose shows all of it"
        ) from error
    except grpc.RpcError as error:
        raise PipelineError(f"{doing}: the engine stopped answering; look at its log and run this again") from error


def _insist_on_answer(builder: DefaultChannelBuilder, where: str, seconds: float) -> None:
    with builder.toChannel() as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=seconds)
        except grpc.FutureTimeoutError as error:
            raise PipelineError(
                f"{where}: no engine answers there; start it, or see whether host, port and use_ssl are right"
            ) from error
