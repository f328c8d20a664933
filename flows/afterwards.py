"""The restore drill after a backup run where one is wanted: its place is looked at before anything is started."""

from ec2_backup.aws import session
from ec2_backup.drill.isolation import raise_for_connected
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.request import DrillOptions
from ec2_backup.drill.sample import to_sample
from ec2_backup.drill.words import headline
from ec2_backup.drilled import DrillVerdict, Restored
from ec2_backup.errors import AuthenticationError, Ec2BackupError, Interrupted, UsageError
from ec2_backup.ledger import Ledger
from ec2_backup.listener import ReportKeeper, listening
from ec2_backup.model import Target
from ec2_backup.narration import Mark, tell
from ec2_backup.settings import BackupOptions
from ec2_backup.states import Verdict
from flows.blocks import use_blocks
from flows.drill import drill
from tasks.drill import look_at_network


def look_at_drill(run: Ledger) -> None:
    """Look at the place of a drill that is wanted. Raises UsageError where it is not isolated."""
    options = run.request.options
    if options.drill and options.drill_subnet and options.drill_security_group:
        network = look_at_network(options.drill_subnet, options.drill_security_group, _place(run))
        raise_for_connected(network, accepts=False)
        tell(f"the drill's subnet {network.subnet_id} is isolated", mark=Mark.DONE, step=3)


def drill_afterwards(run: Ledger) -> None:
    """Restore some of the backups that this run has proven, and write down what came of it.

    Whatever that is, the backups stay proven. Raises AuthenticationError, and what interrupts the run.
    """
    options, place = run.request.options, _place(run) if run.request.options.drill else None
    if place is None:
        return
    run_key = f"{run.run_key[:58]}-drill"  # a run's key has 64 characters at the most
    points = _points(run, place)
    chosen = to_sample(points, str(options.drill), run_key)
    keeper = ReportKeeper()
    try:
        with listening(keeper):
            _call(run, run_key, {key: points[key] for key in chosen}, place)
    except (AuthenticationError, Interrupted):
        raise
    except Ec2BackupError as error:
        run.drill.verdict = DrillVerdict(run_key, f"the restore drill failed: {error.message}", is_good=False)
    finally:
        use_blocks(run.request)  # the drill knew none of the run's buckets
        _keep(keeper.report, run)


def _place(run: Ledger) -> Target:
    region = run.request.region or session.default_region() or next((row.region for row in run.rows if row.region), "")
    if not region:
        raise UsageError("No AWS Region is set for the drill.", hint="Pass --region, or set AWS_REGION.")
    return Target(region)


def _points(run: Ledger, place: Target) -> dict[str, str]:
    """Return the recovery points that this run has proven in a place, by instance."""
    return {
        key: proof.recovery_point.arn
        for key, proof in run.proofs.items()
        if proof.recovery_point and not proof.failure and run.instances[key].target == place
    }


def _call(run: Ledger, run_key: str, points: dict[str, str], place: Target) -> None:
    request, options = run.request, run.request.options
    if not points:
        raise UsageError(f"no backup in {place} was proven that could be restored")
    drill(
        csv=request.csv,
        recovery_points=points,
        subnet=options.drill_subnet or "",
        security_group=options.drill_security_group or "",
        check=options.drill_check,
        profile=options.drill_profile or "none",
        vault=run.vault_of(place),
        role=request.role,
        region=place.region,
        output=str(request.output),
        run_key=run_key,
        options=_options(options),
    )


def _keep(report: DrillReport | None, run: Ledger) -> None:
    if not isinstance(report, DrillReport):
        return
    run.drill.verdict = DrillVerdict(report.run_key, headline(report), report.exit_code == 0, dict(report.files))
    run.drill.restored |= {
        one.source: Restored(one.proven_at, one.recovery_seconds, report.run_key)
        for one in report.outcomes
        if one.verdict is Verdict.PROVEN and one.proven_at
    }


def _options(options: BackupOptions) -> DrillOptions:
    longest = min(options.poll_seconds, DrillOptions().poll_seconds)
    return DrillOptions(credentials_block=options.credentials_block, poll_seconds=longest)
