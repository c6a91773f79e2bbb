"""`harcli serve`: tagging over HTTP."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Annotated

import typer

from harcli.cli.options import (
    AttributesOption,
    BatchSizeOption,
    ConfidenceOption,
    DetectorOption,
    MaxMegapixelsOption,
    MaxMemoryOption,
    MaxPeopleOption,
    MinHeightOption,
    ModelOption,
    MoreOption,
    NoDetectOption,
    NoSettingsOption,
    PhotoTimeoutOption,
    Precision,
    PrecisionOption,
    Provider,
    ProviderOption,
    SureOption,
    ThreadsOption,
    ThresholdOption,
    WithoutOption,
    convert,
)
from harcli.errors import HarcliError

TOKEN_VARIABLE = "HARCLI_TOKEN"
_PACKAGES = ("fastapi", "fastapi_offline", "uvicorn", "httpx", "prometheus_client", "python_multipart")
_OPEN = ("127.", "::1", "localhost")


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0: all addresses of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free port.")] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"File with the token that clients must send. Without it, the environment variable {TOKEN_VARIABLE}.",
            show_default=False,
        ),
    ] = None,
    allow_url: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Allow photos to be fetched from URLs that begin like this, for example "
            "https://photos.example.org/2024/. May be repeated.",
            show_default="none: no request goes out",
        ),
    ] = None,
    queue: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help="Photos that may wait; clients that send more are told to come back later."
        ),
    ] = 64,
    max_upload: Annotated[float, typer.Option(min=0.001, metavar="MB", help="Larger photos are refused.")] = 50.0,
    max_urls: Annotated[int, typer.Option(min=1, metavar="N", help="Most URLs in one request.")] = 16,
    upload_timeout: Annotated[
        float,
        typer.Option(min=0.1, metavar="SECONDS", help="Time for a photo to arrive, from the client or from its URL."),
    ] = 30.0,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Time for a photo to be processed, waiting included.")
    ] = 60.0,
    stop_timeout: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="Time to answer open requests when the service is stopped.")
    ] = 30.0,
    model: ModelOption = None,
    detector: DetectorOption = None,
    no_detect: NoDetectOption = False,
    confidence: ConfidenceOption = None,
    min_height: MinHeightOption = None,
    max_people: MaxPeopleOption = None,
    attributes: AttributesOption = "",
    without: WithoutOption = "",
    threshold: ThresholdOption = None,
    sure: SureOption = False,
    more: MoreOption = False,
    provider: ProviderOption = Provider.auto,
    precision: PrecisionOption = Precision.auto,
    batch_size: BatchSizeOption = None,
    threads: ThreadsOption = None,
    max_megapixels: MaxMegapixelsOption = 200.0,
    max_memory: MaxMemoryOption = 2.0,
    photo_timeout: PhotoTimeoutOption = 20.0,
    no_settings: NoSettingsOption = False,
) -> None:
    """Tag over HTTP: a client sends a photo, or URLs that are allowed, and gets the records of `tag` as JSON.

    The page /docs explains the requests. Nothing of the photos is kept. Ctrl-C or SIGTERM stops the service once open
    requests are answered.

    Example: harcli serve --port 8000

    Exit codes: 0 stopped, 1 failed, 2 wrong command line.
    """
    if missing := [name for name in _PACKAGES if importlib.util.find_spec(name) is None]:
        raise HarcliError(f"{missing[0]} is not installed; it comes with harcli[serve] (in a clone: .[serve])")
    if no_detect and (detector is not None or confidence is not None):
        raise typer.BadParameter("it excludes --detector and --confidence", param_hint="--no-detect")
    if sure and more:
        raise typer.BadParameter("it excludes --more", param_hint="--sure")

    from harcli.cli.streams import hush_libraries
    from harcli.cli.tagger_options import tagger_options
    from harcli.service.allowed import AllowedUrls
    from harcli.service.run import bound
    from harcli.service.run import serve as run
    from harcli.service.settings import ServiceSettings
    from harcli.tagging.selection import SelectionError
    from harcli.tagging.tagger import Tagger

    settings = ServiceSettings(
        token=_token(token_file),
        allow_urls=tuple(allow_url or ()),
        queue=queue,
        max_upload=max_upload,
        max_urls=max_urls,
        upload_timeout=upload_timeout,
        timeout=timeout,
        stop_timeout=stop_timeout,
    )
    AllowedUrls(settings.allow_urls)  # before the models are loaded
    listener = bound(host, port)
    hush_libraries()
    with listener, convert(SelectionError):
        tagger = Tagger(**tagger_options(context.params))
        if not settings.token and not host.startswith(_OPEN):
            typer.echo(
                f"harcli: without a token, whoever reaches {host} can use it; see --token-file and {TOKEN_VARIABLE}",
                err=True,
            )
        shown = f"[{host}]" if ":" in host else host
        ready = f"harcli: listening on http://{shown}:{listener.getsockname()[1]}; /docs says how to ask"
        run(tagger, settings, listener, lambda: typer.echo(ready, err=True))
        typer.echo("harcli: stopped", err=True)


def _token(file: Path | None) -> str:
    """The token in the file, or in the environment; it is never an option, which other users of a machine can see.

    Raises:
        HarcliError: the file cannot be read, or there is no token in it that a client could send.
    """
    if file is None:
        token, where = os.environ.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
        if not token:
            return ""
    else:
        try:
            token, where = file.read_text(encoding="utf-8").strip(), str(file)
        except (OSError, ValueError) as error:
            raise HarcliError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if not token or not token.isascii() or any(not "!" <= letter <= "~" for letter in token):
        raise HarcliError(f"{where}: expected a token of ASCII letters, digits and signs, in one line without blanks")
    return token
