"""What a look at the coverage owes beside its story: its record, its doors, and what a refusal costs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.utilities.annotations import quote

from ec2_backup.accounts import OF_AN_ACCOUNT, to_external_ids
from ec2_backup.aws import session
from ec2_backup.batches import doors_of, target_of
from ec2_backup.coverage.keeping import kept_survey
from ec2_backup.coverage.model import Standing
from ec2_backup.coverage.period import to_period
from ec2_backup.coverage.places import REGION_HINT, to_places
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.request import CoverageRequest, to_backup_request
from ec2_backup.coverage.survey import Survey
from ec2_backup.errors import AuthenticationError, AwsError, UsageError
from ec2_backup.model import Caller, InventoryRow, Target
from ec2_backup.narration import Mark, tell
from ec2_backup.report.units import count
from ec2_backup.runkey import to_run_key
from flows.blocks import use_blocks
from flows.steps import Future
from tasks.account import authenticate
from tasks.coverage import publish_coverage
from tasks.inventory import read_accounts

# What EC2, AWS Backup and STS answer where an account has not enabled a Region, to credentials that are good elsewhere.
_REGION_NOT_ENABLED = frozenset({"AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException"})
_ENABLE = "Other places took these credentials: is the Region enabled in the account? Enable it, or leave it out."

_NOTHING = "Correct --select and --exclude, or the Regions; aws ec2 describe-instances shows what is there."


@contextmanager
def recorded_survey(request: CoverageRequest) -> Iterator[Survey]:
    """Yield the survey that a flow fills; its log and report are kept however the block ends."""
    context = FlowRunContext.get()
    began_at = (context.flow_run.start_time if context and context.flow_run else None) or datetime.now(UTC)
    key = to_run_key(began_at, str(runtime.flow_run.id))
    survey = Survey(request, key, began_at, runtime.flow_run.ui_url or "")
    with kept_survey(survey, _publish):
        use_blocks(to_backup_request(request))
        yield survey


def _publish(report: CoverageReport) -> None:
    # Quoted: Prefect would look at each of a fleet's volumes for a result of another task.
    publish_coverage(cast("CoverageReport", quote(report)))


def enter(survey: Survey) -> list[Target]:
    """Find out who asks and where, enter each account, and return the places that are open."""
    request = survey.request
    if request.accounts:
        survey.accounts = read_accounts(request.accounts, next(iter(request.regions), None))
    default = session.default_region()
    regions = list(request.regions) or ([default] if default else [])
    home = next(iter([*regions, *(region for one in survey.accounts.values() for region in one.regions)]), None)
    if home is None:
        raise UsageError("No Region is set to look at.", hint=REGION_HINT)
    survey.caller = survey.callers[""] = _who_asks(regions or [home])
    rows = to_places(survey.caller, survey.accounts, regions, request.account_role)
    session.set_external_ids(to_external_ids([row.role_arn for row in rows], survey.accounts))
    survey.places = {target_of(row): (row.account or "", row.region or "") for row in rows}
    _open_doors(survey, rows)
    tell(f"{survey.caller.arn} looks at {count(len(survey.places), 'Region')}", mark=Mark.DONE)
    return [place for place in survey.places if place.role_arn in survey.callers]


def _who_asks(regions: Sequence[str]) -> Caller:
    """Return who we are, as the first of these Regions that answers says; where none does, the first refusal counts."""
    refusals: list[AwsError] = []
    for region in regions:
        try:
            return authenticate(Target(region))
        except AwsError as error:
            if not _is_of_one_place(error):
                raise
            refusals.append(error)
    raise refusals[0]


def _open_doors(survey: Survey, rows: Sequence[InventoryRow]) -> None:
    """Enter each account through its role, in the next of its Regions where one cannot answer."""
    while doors := doors_of([row for row in rows if row.role_arn and _is_unopened(survey, target_of(row))]):
        for door, caller in asked(survey, {door: authenticate.submit(door) for door in doors}):
            survey.callers[door.role_arn] = caller


def _is_unopened(survey: Survey, place: Target) -> bool:
    return place.role_arn not in survey.callers and place not in survey.closed


def asked(survey: Survey, futures: Mapping[Target, Future]) -> Iterator[tuple[Target, Any]]:
    """Yield the answer of each place; one that refuses is closed, and all of its account where it may not be entered.

    Raises what is not the trouble of one place, and the first refusal where none would be left.
    """
    for at, future in futures.items():
        answer = future.result(raise_on_failure=False)
        if not isinstance(answer, Exception):
            yield at, answer
            continue
        if not (isinstance(answer, AwsError) and _is_of_one_place(answer)):
            raise answer
        if answer.code in _REGION_NOT_ENABLED:
            answer.hint = _ENABLE
        for place in survey.places:
            is_shut = isinstance(answer, OF_AN_ACCOUNT) and at.role_arn not in survey.callers
            if place == at or (is_shut and place.role_arn == at.role_arn):
                survey.close(place, answer)
        tell(f"not looked at: {answer.message}", mark=Mark.WARNING)
        if survey.closed.keys() >= survey.places.keys():
            raise next(iter(survey.closed.values()))


def _is_of_one_place(error: AwsError) -> bool:
    """Say whether other places may answer all the same: they would not to credentials that are over or unknown."""
    return not isinstance(error, AuthenticationError) or error.code in _REGION_NOT_ENABLED


def raise_for_nothing(survey: Survey) -> None:
    """Raise UsageError where a selection fits nothing: a scheduled look with a slip in it would be green for ever.

    Where a place could not be looked at, it may be there that something fits.
    """
    if survey.instances or survey.closed or not survey.request.select:
        return
    regions = ", ".join(sorted({region for _, region in survey.places.values()}))
    drills = f", but {count(len(survey.left_out), 'instance')} of restore drills" if survey.left_out else ""
    raise UsageError(f"no instance in {regions} fits {survey.request.select}{drills}", hint=_NOTHING)


def tell_seen(survey: Survey) -> None:
    """Tell how much there is to look at, and which vaults could not be read."""
    points = count(sum(1 for _ in survey.points), "recovery point")
    seen = f"{count(len(survey.instances), 'instance')}, {points} in {count(len(survey.vaults), 'vault')}"
    tell(seen, mark=Mark.DONE)
    if survey.left_out:
        tell(f"{count(len(survey.left_out), 'instance')} of restore drills left out", mark=Mark.NOTE)
    for vault in survey.vaults:
        if vault.trouble:
            tell(f"vault {vault.name} in {vault.target} could not be read: {vault.trouble}", mark=Mark.WARNING)


def name_look(survey: Survey) -> None:
    """Give the flow run a name and tags that tell what was found: `Coverage · 2,000 instances · 1,950 within 24 h`."""
    standings = [one.standing for one in survey.coverages()]
    within = f"{standings.count(Standing.COVERED):,} within {to_period(survey.request.objective)}"
    tell(f"{within}, {len(survey.looked):,} recovery points looked into", mark=Mark.DONE)
    places = set(survey.places.values())
    tags = {f"account:{account}" for account, _ in places} | {f"region:{region}" for _, region in places}
    name = f"Coverage · {count(len(standings), 'instance')} · {within}"
    try:
        with get_client(sync_client=True) as client:
            client.update_flow_run(runtime.flow_run.id, name=name, tags=sorted({*runtime.flow_run.tags, *tags}))
    except Exception as error:  # noqa: BLE001 - a name must never cost the look
        tell(f"the look has not got its name in Prefect: {str(error) or type(error).__name__}", mark=Mark.WARNING)
