"""Look at the coverage: the instances of accounts and Regions, each against its recovery points in all vaults.

It only reads. An account, a Region or a vault that refuses costs only itself, and is told of: what is unknown is not
covered.
"""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote
from pydantic import Field

from ec2_backup import settings
from ec2_backup.aws import session
from ec2_backup.coverage.period import PATTERN
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.request import DEFAULT_EXPIRING, DEFAULT_RPO, CoverageRequest, Region
from flows.form import titled
from flows.surveys import asked, enter, name_look, raise_for_nothing, recorded_survey, tell_seen
from tasks.coverage import list_instances, list_recovery_points, list_restored_points, look_into_recovery_points

_RUNNER: Any = ThreadPoolTaskRunner(max_workers=16)


@flow(name="ec2-backup-coverage", flow_run_name="Coverage · {rpo}", task_runner=_RUNNER)
def coverage(  # noqa: PLR0913 - each is a field of the form in Prefect's UI
    *,
    rpo: Annotated[str, Field(pattern=PATTERN), titled("Objective")] = DEFAULT_RPO,
    expiring: Annotated[str, Field(pattern=PATTERN), titled("Warn of deletion within")] = DEFAULT_EXPIRING,
    regions: Annotated[list[Region] | None, titled("Regions")] = None,
    accounts: Annotated[str | None, titled("Accounts (CSV)")] = None,
    account_role: Annotated[
        str, Field(pattern=settings.ACCOUNT_ROLE_PATTERN), titled("Role in other accounts")
    ] = settings.DEFAULT_ACCOUNT_ROLE,
    select: Annotated[str | None, titled("Only instances that fit")] = None,
    output: Annotated[str, Field(min_length=1), titled("Output folder")] = settings.DEFAULT_OUTPUT,
    credentials_block: Annotated[
        Annotated[str, Field(pattern=settings.BLOCK_PATTERN)] | None, titled("AWS Credentials block")
    ] = None,
) -> CoverageReport | None:
    """Say of every EC2 instance how old its last proven recovery point is, and hold that against an objective.

    Args:
        rpo: The objective: how old the last proven recovery point may be, as `90m`, `24h` or `7d`.
        expiring: Warn where the last proven recovery point is deleted within this time.
        regions: The Regions to look at, in accounts whose Regions the list does not name; without any, the one of
            AWS's own configuration.
        accounts: A CSV of the accounts to look at, as the backup takes it; without it, the caller's own account.
        account_role: The role through which other accounts are entered, unless the list of accounts says otherwise.
        select: Look only at instances that fit, such as `tag:Backup=true and state=running except tag:Env=dev`.
        output: The folder for the log and the reports.
        credentials_block: The name of the Prefect block with the credentials; without it, AWS's default chain.

    Returns:
        The report, with every instance within the objective.

    Raises:
        IncompleteRun: The report is published; the objective is missed, or a place could not be looked at.
        Ec2BackupError: What ended the look early, each kind with its exit code.
    """
    request = CoverageRequest(
        rpo=rpo, expiring=expiring, regions=tuple(regions or ()), accounts=accounts or None, account_role=account_role,
        select=select or None, output=Path(output), credentials_block=credentials_block,
    )  # fmt: skip
    session.forget_clients()
    with recorded_survey(request) as survey:
        places = enter(survey)
        listed = {
            place: list_instances.submit(place, survey.callers[place.role_arn], request.selection) for place in places
        }
        read = {place: list_recovery_points.submit(place, survey.callers[place.role_arn]) for place in places}
        restored = {place: list_restored_points.submit(place) for place in places}
        for place, found in asked(survey, listed):
            survey.keep_instances(place, found)
        raise_for_nothing(survey)
        for place, (vaults, points) in asked(survey, read):
            survey.keep_vaults(place, vaults, points)
        for _, found in asked(survey, restored):
            survey.restored += found
        tell_seen(survey)
        while wanted := survey.to_look_into():
            looked = {at: look_into_recovery_points.submit(at, quote(points)) for at, points in wanted.items()}
            for _, found in asked(survey, looked):
                survey.keep_looked(found)
        name_look(survey)
    return survey.report
