"""The reports of a fleet's shards merged into one: one verdict, and nothing that any of them said left out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ec2_backup.model import Caller
from ec2_backup.permissions import to_whole
from ec2_backup.results import Failure, Outcome, RunReport
from ec2_backup.settlement import Calls, to_statistics, to_status
from ec2_backup.states import RunStatus, Verdict


def merge_reports(own: RunReport, shards: Iterable[RunReport]) -> RunReport:
    """Return the report of a fleet.

    Args:
        own: What the fleet itself knows: it has every row, and a Failure for each that no shard reports of.
        shards: The reports that the shards' runs have left; what they say of a row is what counts.
    """
    reports = sorted(shards, key=lambda report: report.run_key)
    told = {one.row.instance_id: _told(one, report) for report in reports for one in report.outcomes}
    outcomes = tuple(
        replace(told.get(one.row.instance_id, one), row=one.row, account=one.account) for one in own.outcomes
    )
    everyone = (own, *reports)
    uses = tuple(use for one in everyone for use in one.statistics.vaults)
    checks = [one.permissions for one in everyone if one.permissions]
    roles = tuple({role.arn: role for one in everyone for role in one.roles}.values())
    status = own.status if own.error else to_status(outcomes, None, dry_run=own.parameters.get("dry_run") is True)
    return replace(
        own,
        status=status,
        exit_code=own.exit_code if own.error else (3 if status is RunStatus.INCOMPLETE else 0),
        outcomes=outcomes,
        statistics=to_statistics(outcomes, uses, own.caller, own.statistics.seconds, _calls(everyone)),
        callers=_callers(everyone),
        permissions=to_whole(checks) if checks else None,
        role=next(iter(roles), None),
        roles=roles,
        vaults=tuple({vault.arn: vault for one in everyone for vault in one.vaults}.values()),
        keys=tuple({key.arn: key for one in everyone for key in one.keys}.values()),
        notes=(*own.notes, *(_trouble(report) for report in reports if report.error)),
    )


def _callers(reports: Iterable[RunReport]) -> tuple[Caller, ...]:
    """Return who was asked in each account, the first of those that entered it through the same role."""
    found: dict[tuple[str, str], Caller] = {}
    for caller in (caller for report in reports for caller in report.callers):
        found.setdefault((caller.account, caller.access_role_arn), caller)
    return tuple(found.values())


def _told(outcome: Outcome, report: RunReport) -> Outcome:
    """Return what a shard says of a row; where an error ended its run first, that error is why."""
    error = report.error
    if error is None or outcome.verdict is not Verdict.NOT_STARTED:
        return outcome
    step = outcome.failure.step if outcome.failure else 6
    failure = Failure(outcome.row.instance_id, step, f"no job was started: {error.message}", error.hint)
    return replace(outcome, failure=failure)


def _trouble(report: RunReport) -> str:
    return f"run {report.run_key} ended early: {report.error.message}" if report.error else ""


def _calls(reports: Iterable[RunReport]) -> Calls:
    """Return the calls of all these runs together."""
    operations: Counter[str] = Counter()
    places: Counter[tuple[str, str]] = Counter()
    throttled = 0
    for report in reports:
        operations.update(report.statistics.api_calls)
        throttled += report.statistics.throttled_calls
        places.update({(one.account, one.region): one.api_calls for one in report.statistics.places})
    return Calls(dict(operations.most_common()), throttled, dict(places))
