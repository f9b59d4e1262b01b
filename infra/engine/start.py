"""Starts MiniStack without two waits of its Lambda service, which make most of the time of a call.

1. After each invocation it waits 5 ms for another log line, although a function writes one line, before it answers.
2. Its Runtime API writes the head and the body of an answer apart, with Nagle's algorithm on: the second waits up to 40 ms for
   an acknowledgement that the function's side delays.

Neither has a setting, so both are changed in the running module. Whatever is no longer as it was tried ends the start, in
words: a wait that came back unnoticed would make every test run ten times as long.
"""

import importlib.metadata
import inspect
import socketserver
import sys

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

    from ministack.app import main as ministack

    ministack()


if __name__ == "__main__":
    main()
