"""Starts MiniStack with two waits of its Lambda service shortened, and with less work for each request.

1. After each invocation it waits 5 ms for another log line, although a function writes one line, before it answers.
2. Its Runtime API writes the head and the body of an answer apart, with Nagle's algorithm on: the second waits up to 40 ms for
   an acknowledgement that the function's side delays.
3. It serves HTTP by Hypercorn, whose parser is written in Python: with uvicorn, uvloop and httptools in its place, the tests take a third
   less of its one thread.
4. It parses a condition again for each item that it is tried on.

None has a setting, so all are changed in the running module. Whatever is no longer as it was tried ends the start, in
words: a wait that came back unnoticed would make every test run ten times as long.
"""

import functools
import importlib.metadata
import inspect
import socketserver
import sys

import hypercorn.asyncio
import uvicorn
import uvloop

TRIED_WITH = "1.5.33"

# Seconds: for the first line of a log, from then on for the next one, and in all.
WAITS = {"first_line_wait": 0.050, "idle_confirm": 0.005, "hard_cap": 0.250}
SHORT_WAITS = {"first_line_wait": 0.050, "idle_confirm": 0.001, "hard_cap": 0.250}


def refuse(reason: str) -> None:
    sys.exit(
        f"{__file__} was tried with MiniStack {TRIED_WITH} and does not fit this one: {reason}.\n"
        "See what it changes, mend it, and measure a call again (docs/adr/0001-local-engine.md)."
    )


def main() -> None:
    version = importlib.metadata.version("ministack")
    if version != TRIED_WITH:
        refuse(f"it is {version}")

    from ministack.core import lambda_runtime

    drain = getattr(lambda_runtime.Worker, "_drain_stderr_bounded", None)
    if drain is None:
        refuse("Worker._drain_stderr_bounded is gone")
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(drain).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    if defaults != WAITS:
        refuse(f"the waits of Worker._drain_stderr_bounded are {defaults}")
    if "_drain_stderr_bounded" in vars(lambda_runtime.ProvidedWorker):
        refuse("ProvidedWorker waits in a way of its own")
    drain.__defaults__ = tuple(SHORT_WAITS[name] for name in defaults)

    handler = lambda_runtime.ProvidedWorker._build_handler_class
    if socketserver.StreamRequestHandler.disable_nagle_algorithm:
        refuse("Nagle's algorithm is off already")
    if "BaseHTTPRequestHandler" not in inspect.getsource(handler):
        refuse("its Runtime API is no BaseHTTPRequestHandler")
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True

    from ministack.services import dynamodb

    parse = getattr(dynamodb, "_condition_syntax_error", None)
    if parse is None or list(inspect.signature(parse).parameters) != ["expr", "slot"]:
        refuse("dynamodb._condition_syntax_error is not what it was")
    dynamodb._condition_syntax_error = functools.lru_cache(maxsize=4096)(parse)

    from ministack.app import main as ministack

    if "from hypercorn.asyncio import serve" not in inspect.getsource(ministack):
        refuse("it does not serve by hypercorn.asyncio.serve")
    hypercorn.asyncio.serve = serve
    uvloop.install()
    ministack()


async def serve(app, config) -> None:
    """Stands in for Hypercorn's function of this name."""
    [bind] = config.bind
    host, port = bind.rsplit(":", 1)
    settings = uvicorn.Config(
        app,
        host=host,
        port=int(port),
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        # MiniStack writes these two itself where AWS does.
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=config.keep_alive_timeout,
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(settings).serve()


if __name__ == "__main__":
    main()
