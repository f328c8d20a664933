"""The command that serves the sandbox for any AWS client."""

import os
import sys

import typer

from ec2_backup import settings


def sandbox(context: typer.Context) -> None:
    """Serve AWS on this machine, until stopped, for any AWS client; takes the flags of `python -m sandbox`."""
    named = {word.partition("=")[0] for word in context.args}
    csv = [] if {"--csv", "--instances"} & named else ["--csv", settings.DEFAULT_CSV]
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *csv, *context.args])  # noqa: S606 - our own program
