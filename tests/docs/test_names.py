"""Every flag, variable, file, link and message that the documents name is there."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer

import cli
from ec2_backup.metrics import to_metrics
from ec2_backup.model import Target
from ec2_backup.narration import STEPS
from ec2_backup.permissions import METRICS_NAMESPACE
from ec2_backup.publication import write_report
from ec2_backup.runfile import run_file_path
from ec2_backup.settings import BackupOptions, BackupRequest
from sandbox.__main__ import app as sandbox_app
from tests.architecture.sources import FILES, text_of
from tests.docs.markdown import CHANGELOG, DOCUMENTS, PROJECT, README, blocks, code_spans, links, table
from tests.docs.program import GAP, messages
from tests.unit.reports import a_report

PROGRAM = "./start-ec2-backup.sh"
FRONT_DOOR = typer.main.get_command(cli.app)
SANDBOX = typer.main.get_command(sandbox_app)
DEFAULTS = BackupRequest().model_dump() | BackupOptions().model_dump()
COMMANDS = (FRONT_DOOR, SANDBOX, *FRONT_DOOR.commands.values())
PARAMETERS = [one for command in COMMANDS for one in command.params]
OUR_FLAGS = {"--help", *(flag for one in PARAMETERS for flag in (*one.opts, *one.secondary_opts))}
QUOTES = [quote for row in table(README, "Message", "Cause and cure") for quote in row["Message"].code]
FLAG_ROWS = table(README, "Flag", "Default")


def commands() -> list[str]:
    """Return every command line of ours that a document shows."""
    lines = [line for document in DOCUMENTS for block in blocks(document, "sh") for line in block.splitlines()]
    spans = [span for document in DOCUMENTS for span in code_spans(document)]
    return [text for text in [*lines, *spans] if text.startswith(PROGRAM)]


def flags_of(command: Any) -> set[str]:
    """Return every flag that a command of the command line takes."""
    names = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
    return names | {"--help", "-h"}


@pytest.mark.parametrize("line", commands())
def test_a_command_of_a_document_is_understood(line):
    command = FRONT_DOOR
    for word in shlex.split(line, comments=True)[1:]:
        inner = getattr(command, "commands", {}).get(word)
        if inner:
            command = SANDBOX if word == "sandbox" else inner
        elif word.startswith("-"):
            assert word.partition("=")[0] in flags_of(command)


def test_the_documents_show_how_to_start_the_program():
    assert f"{PROGRAM} --sandbox" in {line.partition(" #")[0].strip() for line in commands()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_flag_that_is_named_by_itself_exists(document):
    named = {flag for span in code_spans(document) for flag in re.findall(r"(?:^|\s)(--[a-z-]+)", span)}

    assert named - OUR_FLAGS == set()


@pytest.mark.parametrize("row", FLAG_ROWS, ids=lambda row: row["Flag"].text)
def test_the_default_of_a_flag_is_the_one_that_the_table_says(row):
    default = DEFAULTS[{"--tag": "tags"}.get(row["Flag"].text, row["Flag"].text[2:].replace("-", "_"))]

    assert row["Default"].text in ({"", "AWS's own configuration"} if not default else {str(default)})


def test_every_variable_of_ours_that_is_named_is_read_somewhere():
    read = {str(one.envvar) for one in FRONT_DOOR.params if one.envvar}
    program = "".join(text_of(name) for name in FILES if name.suffix != ".md" and name.parts[0] != "tests")
    named = {hit for document in DOCUMENTS for hit in re.findall(r"EC2_BACKUP_[A-Z_]+", document.read_text())}

    assert named
    assert [name for name in named - read if not re.search(rf"\b{name}\b", program)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_link_within_the_project_leads_to_something(document):
    inside = [urlsplit(link) for link in links(document) if not urlsplit(link).scheme]

    assert [link.path for link in inside if not (document.parent / unquote(link.path)).exists()] == []


def test_the_newest_version_of_the_changelog_is_the_one_of_the_project():
    newest = re.search(r"^## \[?v?(\d+\.\d+\.\d+)", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))

    assert newest
    assert newest[1] == project["project"]["version"]


@pytest.mark.parametrize("quote", QUOTES)
def test_a_message_that_is_explained_is_one_that_the_program_gives(quote):
    wanted = re.compile(re.escape(quote).replace(GAP, rf"[^{GAP}]*{GAP}[^{GAP}]*"))

    assert [text for text in messages() if wanted.search(text)]


def test_the_files_that_a_run_leaves_are_named_as_it_names_them(tmp_path: Path):
    written = write_report(a_report(run_key="RUN-KEY", files={"log": str(tmp_path / "log")}))
    names = {Path(written.files[kind]).name for kind in ("csv", "html", "json")} | {
        run_file_path(tmp_path, "RUN-KEY").name
    }

    assert names | {"backup_log_YYYY-MM-DD_HH:MM:SS.log"} <= set(code_spans(README))


def test_the_metrics_are_named_as_they_are_published():
    assert {METRICS_NAMESPACE, *to_metrics([], [], Target("eu-central-1"))} <= set(code_spans(README))


def test_the_run_that_is_shown_has_the_steps_of_a_run_in_their_words():
    shown = re.findall(r"^✅ +(\d+)  (.+?)  +\S", "\n".join(blocks(README)), re.MULTILINE)

    assert {int(number) for number, _ in shown} == set(STEPS)
    assert [(number, title) for number, title in shown if STEPS[int(number)] != title] == []
