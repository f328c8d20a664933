"""A dry run's plan on a terminal: what would be started, for which instance, with what."""

from rich.console import Console
from rich.text import Text

from ec2_backup.model import PlannedBackup
from ec2_backup.report.copies import copy_figures
from ec2_backup.report.units import count
from ec2_backup.results import RunReport
from ec2_backup.terminal.screen import plain, print_hanging, print_pairs
from ec2_backup.terminal.table import Column, Sheet

PLANS_SHOWN = 50


def print_plan(report: RunReport, console: Console) -> None:
    """Print the backups that a dry run planned, at most 50 of them, with what they have in common below."""
    plans = [outcome.plan for outcome in report.outcomes if outcome.plan]
    if not plans:
        return
    console.print()
    console.print(_to_table(plans[:PLANS_SHOWN]))
    if len(plans) > PLANS_SHOWN:
        where = report.files.get("csv") or "the CSV report"
        hidden = count(len(plans) - PLANS_SHOWN, "more instance")
        print_hanging(console, plain(f"and {hidden} in {where}"), indent=4)
        console.print()
    print_pairs(console, [*_common(plans), *copy_figures(report)])


def _to_table(plans: list[PlannedBackup]) -> Sheet:
    columns = [
        Column("Instance", is_whole=True),
        Column("Name"),
        Column("Region"),
        Column("Volumes", is_whole=True, justify="right"),
        Column("Size", is_whole=True, justify="right"),
    ]
    rows = list(map(_to_row, plans))
    if any(plan.windows_vss for plan in plans):
        columns.append(Column("VSS", is_whole=True))
        rows = [[*row, Text("yes" if plan.windows_vss else "")] for row, plan in zip(rows, plans, strict=True)]
    return Sheet(columns, rows)


def _to_row(plan: PlannedBackup) -> list[Text]:
    instance = plan.instance
    return [
        plain(instance.instance_id),
        plain(instance.name),
        plain(str(instance.target)),
        Text(f"{len(instance.volumes)}"),
        Text(f"{instance.provisioned_gib:,} GiB"),
    ]


def _common(plans: list[PlannedBackup]) -> list[tuple[str, str]]:
    days = dict.fromkeys(_retention(plan) for plan in plans)
    vss = sum(plan.windows_vss for plan in plans)
    return [
        ("Vault", ", ".join(dict.fromkeys(plan.vault_name for plan in plans))),
        ("IAM role", ", ".join(dict.fromkeys(plan.role_arn for plan in plans))),
        ("Retention", ", ".join(days)),
        ("Windows VSS", f"asked for on {count(vss, 'instance')}" if vss else "not asked for"),
        ("Tags", ", ".join(_shared_tags(plans)) or "none"),
    ]


def _retention(plan: PlannedBackup) -> str:
    return "kept for ever" if plan.retention_days is None else count(plan.retention_days, "day")


def _shared_tags(plans: list[PlannedBackup]) -> list[str]:
    """Return the tags that all plans give; one that differs by instance says so instead of a value."""
    shown = []
    for key in dict.fromkeys(key for plan in plans for key in plan.tags):
        values = {plan.tags.get(key) for plan in plans}
        shown.append(f"{key}={values.pop()}" if len(values) == 1 else f"{key}=(one for each instance)")
    return shown
