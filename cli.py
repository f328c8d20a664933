"""The front door: argv -> parameters -> flow -> exit code.

Prefect and boto3 take seconds to import, so a command imports them only when it has come to need them.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError

from deployments.coverage_command import coverage
from deployments.drill_command import drill as drill_restores
from deployments.drill_command import resume_drill
from deployments.ending import not_waiting_for_prefect
from deployments.flags import Json, Quiet, is_given, is_typed, raise_for_contradiction, to_inventory, to_tags
from deployments.history_command import history
from deployments.restore_command import raise_for_checks, restore, resume_restore
from deployments.sandbox_command import sandbox as serve_sandbox
from deployments.sandbox_process import LATER
from deployments.server_commands import server_app, ui
from deployments.setup_command import setup
from ec2_backup import settings
from ec2_backup.restore.runfile import raise_for_unstarted
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.terminal import guarded, to_output
from ec2_backup.usage import to_usage_error

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(server_app, name="server")
app.command()(ui)
_HELP = {"help_option_names": ["-h", "--help"]}
app.command(context_settings=_HELP)(coverage)
app.command(name="drill", context_settings=_HELP)(drill_restores)
app.command(context_settings=_HELP)(history)
app.command(context_settings=_HELP)(restore)
app.command(context_settings=_HELP)(setup)
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
app.command(name="sandbox", context_settings=_PASSED_ON)(serve_sandbox)


def _flag(model: type[BaseModel], field: str, *names: str, **more: Any) -> Any:
    """Return the flag of a parameter; its help is the parameter's own description, its limits stay in the model."""
    text = model.model_fields[field].description
    return typer.Option(*names, envvar=f"EC2_BACKUP_{field.upper()}", help=text, show_envvar=True, **more)


@app.callback(invoke_without_command=True, context_settings=_HELP)
def backup(  # noqa: PLR0913 - each is a flag
    context: typer.Context,
    *,
    csv: Annotated[str, _flag(BackupRequest, "csv")] = settings.DEFAULT_CSV,
    vault: Annotated[str, _flag(BackupRequest, "vault")] = settings.DEFAULT_VAULT,
    role: Annotated[str, _flag(BackupRequest, "role")] = settings.DEFAULT_ROLE,
    region: Annotated[str | None, _flag(BackupRequest, "region")] = None,
    retention_days: Annotated[int, _flag(BackupRequest, "retention_days")] = 7,
    tags: Annotated[list[str] | None, _flag(BackupRequest, "tags", "--tag", metavar="KEY=VALUE")] = None,
    dry_run: Annotated[bool, _flag(BackupRequest, "dry_run", "--dry-run")] = False,
    output: Annotated[Path, _flag(BackupRequest, "output")] = Path(settings.DEFAULT_OUTPUT),
    run_key: Annotated[str | None, _flag(BackupRequest, "run_key")] = None,
    start_window_minutes: Annotated[int | None, _flag(BackupOptions, "start_window_minutes")] = None,
    complete_window_minutes: Annotated[int | None, _flag(BackupOptions, "complete_window_minutes")] = None,
    windows_vss: Annotated[bool, _flag(BackupOptions, "windows_vss", "--windows-vss")] = False,
    on_active_job: Annotated[str, _flag(BackupOptions, "on_active_job", metavar="watch|report")] = "watch",
    restarts: Annotated[int, _flag(BackupOptions, "restarts")] = 1,
    deadline_minutes: Annotated[float, _flag(BackupOptions, "deadline_minutes")] = 720,
    poll_seconds: Annotated[float, _flag(BackupOptions, "poll_seconds")] = 300,
    publish_metrics: Annotated[bool, _flag(BackupOptions, "publish_metrics", "--metrics/--no-metrics")] = True,
    start_jobs_per_second: Annotated[float, _flag(BackupOptions, "start_jobs_per_second")] = 5,
    stop_jobs_on_cancel: Annotated[bool, _flag(BackupOptions, "stop_jobs_on_cancel", "--stop-jobs-on-cancel")] = False,
    credentials_block: Annotated[str | None, _flag(BackupOptions, "credentials_block", metavar="NAME")] = None,
    accounts: Annotated[str | None, _flag(BackupOptions, "accounts")] = None,
    account_role: Annotated[str, _flag(BackupOptions, "account_role")] = settings.DEFAULT_ACCOUNT_ROLE,
    locate: Annotated[bool, _flag(BackupOptions, "locate", "--locate")] = False,
    copy_to: Annotated[list[str] | None, _flag(BackupOptions, "copy_to", metavar="ARN[=DAYS]")] = None,
    report_to: Annotated[str | None, _flag(BackupOptions, "report_to")] = None,
    notify_topic: Annotated[str | None, _flag(BackupOptions, "notify_topic")] = None,
    notify: Annotated[str, _flag(BackupOptions, "notify", metavar="failure|always")] = "failure",
    drill: Annotated[int, _flag(BackupOptions, "drill", metavar="N")] = 0,
    drill_subnet: Annotated[str | None, _flag(BackupOptions, "drill_subnet")] = None,
    drill_security_group: Annotated[str | None, _flag(BackupOptions, "drill_security_group")] = None,
    drill_check: Annotated[str | None, _flag(BackupOptions, "drill_check", metavar="COMMAND")] = None,
    drill_profile: Annotated[str | None, _flag(BackupOptions, "drill_profile", metavar="NAME")] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="FILTER", help="Instances that fit, not a CSV: tag:Backup=true and type=m5.*"),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="FILTER", help="Leave out of these what fits.")] = None,
    write_csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the instances to this CSV, and do nothing else.")
    ] = None,
    only_failed: Annotated[
        str | None, typer.Option(metavar="REPORT.json", help="Take what this report says is not proven, not a CSV.")
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run against an AWS of its own on this machine; needs no account.")
    ] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Back up every EC2 instance of a CSV through AWS Backup, and prove that each backup would restore.

    Exit codes: 0 every instance proven (or the dry run planned all); 2 bad CSV or flag; 3 some instance has no proven
    recovery point, or some copy is not proven; 10 credentials; 11 access or role; 12 vault or key; 13 the vault is
    taken by another run (in deployments); 130 interrupted; 1 anything unexpected.
    """
    if context.invoked_subcommand:
        return
    values = locals()  # of which only what was asked for goes on: the rest is left to defaults
    typed = csv if is_typed(context, "csv") else ""  # a variable's is a default that the others override
    lists = {"--csv": typed, "--select": select, "--only-failed": only_failed}
    elsewhere = {"--accounts": accounts, "--locate": locate}
    guarded(lambda: raise_for_contradiction(lists, elsewhere))
    listed = guarded(lambda: to_inventory(csv, select or [], exclude or []))
    source = only_failed or listed
    asked = {name: value for name, value in values.items() if is_given(context, name)}
    if source != settings.DEFAULT_CSV:
        asked["csv"] = source
    if sandbox and drill:
        asked |= {f"drill_{name}": value for name, value in LATER.items()}
    request = guarded(lambda: _to_request(_to_parameters(asked)))
    shown = to_output(quiet=quiet, as_json=json)
    if write_csv:
        from deployments.inventory_command import write_inventory  # noqa: PLC0415

        guarded(lambda: write_inventory(request, write_csv, shown, sandbox=sandbox))
        return
    from deployments.local_run import run_backup  # noqa: PLC0415 - see the module's docstring

    raise typer.Exit(run_backup(request, shown, sandbox=sandbox))


@app.command(context_settings=_HELP)
def resume(
    run: Annotated[str, typer.Argument(metavar="RUN_KEY", help="The run's key, or the path of its run_KEY.json.")],
    *,
    output: Annotated[
        Path | None, typer.Option(envvar="EC2_BACKUP_OUTPUT", help="The run's folder; a file's own folder if absent.")
    ] = None,
    deadline_minutes: Annotated[float | None, _flag(BackupOptions, "deadline_minutes")] = None,
    checks_minutes: Annotated[
        float | None, typer.Option(help="How long a restored instance may take to pass its status checks.")
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Take up a run that died or was interrupted, with its own parameters and rows; nothing is started twice.

    A restore or a drill is taken up in the same way, by its key or its restore_run_KEY.json or drill_run_KEY.json.
    """
    streams, folder = to_output(quiet=quiet, as_json=json), output or Path(settings.DEFAULT_OUTPUT)
    waits = {"deadline_minutes": deadline_minutes, "checks_minutes": checks_minutes}
    resume_restore(run, folder, waits, streams)
    resume_drill(run, folder, waits, streams)
    guarded(lambda: raise_for_unstarted(run, folder))
    from deployments.resumption import resume_run  # noqa: PLC0415
    from ec2_backup.runfile import to_resumed_request  # noqa: PLC0415

    request = guarded(lambda: to_resumed_request(run, output, Path(settings.DEFAULT_OUTPUT)))
    guarded(lambda: raise_for_checks(checks_minutes, request.run_key or run))
    if deadline_minutes is not None:
        options = {**request.options.model_dump(), "deadline_minutes": deadline_minutes}
        request = guarded(lambda: _to_request({**request.model_dump(), "options": options}))
    raise typer.Exit(guarded(lambda: resume_run(request, streams)))


def _to_parameters(asked: dict[str, Any]) -> dict[str, Any]:
    """Return flags as parameters: those of the request, and those of its options in a group."""
    flat = {name: value for name, value in asked.items() if name in BackupRequest.model_fields}
    options = {name: value for name, value in asked.items() if name in BackupOptions.model_fields}
    return flat | ({"tags": to_tags(flat["tags"])} if "tags" in flat else {}) | {"options": options}


def _to_request(values: dict[str, Any]) -> BackupRequest:
    try:
        return BackupRequest(**values)
    except ValidationError as error:
        raise to_usage_error(error) from error


def main() -> None:
    """Run the command line; the exit codes are the design's."""
    with not_waiting_for_prefect():
        app(prog_name="start-ec2-backup.sh")


if __name__ == "__main__":
    main()
