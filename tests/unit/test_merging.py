"""One report over all shards: what each said counts, what none said is not hidden, and the figures add up."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.merging import merge_reports
from ec2_backup.model import Caller, Key, ServiceRole, Vault
from ec2_backup.places import PlaceStatistics
from ec2_backup.results import Failure, Outcome, PermissionCheck, RunError, RunReport, VaultUse
from ec2_backup.states import RunStatus, Verdict
from tests.unit.copies import copied
from tests.unit.reports import a_report, failed, not_started, planned, proven, running

OTHER = "arn:aws:iam::210987654321:role/EC2BackupAutomation"
KINDS = {Verdict.PROVEN: proven, Verdict.FAILED: failed, Verdict.RUNNING: running, Verdict.NOT_STARTED: not_started}
CUTS = st.lists(st.tuples(st.sampled_from(list(KINDS)), st.integers(0, 3)), min_size=1, max_size=30)


def own_of(*outcomes: Outcome, **changes: object) -> RunReport:
    """Return what a fleet itself knows of these rows: that no shard has said anything."""
    blank = [
        replace(not_started(0), row=one.row, region=one.region, failure=Failure(one.row.instance_id, 6, "no report"))
        for one in outcomes
    ]
    own = a_report(*blank, run_key="fleet", **changes)
    return replace(own, statistics=replace(own.statistics, api_calls={}, vaults=()))


def a_shard(key: str, *outcomes: Outcome, **changes: object) -> RunReport:
    return a_report(*outcomes, run_key=f"fleet-{key}", **changes)


@given(CUTS)
def test_what_the_shards_said_of_each_row_is_said_in_the_order_of_the_list(cuts):
    outcomes = [KINDS[kind](number) for number, (kind, _) in enumerate(cuts)]
    shards = [
        a_shard(str(shard), *mine)
        for shard in range(4)
        if (mine := [one for one, (_, its) in zip(outcomes, cuts, strict=True) if its == shard])
    ]

    merged = merge_reports(own_of(*outcomes), shards)

    assert [one.row.instance_id for one in merged.outcomes] == [one.row.instance_id for one in outcomes]
    assert [one.verdict for one in merged.outcomes] == [kind for kind, _ in cuts]
    assert merged.statistics.proven == sum(kind is Verdict.PROVEN for kind, _ in cuts)
    assert merged.statistics.failed == len(cuts) - merged.statistics.proven
    is_good = all(kind is Verdict.PROVEN for kind, _ in cuts)
    assert (merged.status, merged.exit_code) == ((RunStatus.PROVEN, 0) if is_good else (RunStatus.INCOMPLETE, 3))


@given(CUTS, st.integers(0, 3))
def test_a_shard_without_a_report_hides_none_of_its_rows(cuts, lost):
    outcomes = [KINDS[kind](number) for number, (kind, _) in enumerate(cuts)]
    told = [one for one, (_, its) in zip(outcomes, cuts, strict=True) if its != lost]

    merged = merge_reports(own_of(*outcomes), [a_shard("told", *told)] if told else [])

    reasons = Counter(one.failure.reason for one in merged.outcomes if one.failure)
    assert len(merged.outcomes) == len(cuts)
    assert reasons["no report"] == len(cuts) - len(told)
    assert merged.status is not RunStatus.PROVEN or len(told) == len(cuts)


def test_a_row_keeps_its_line_and_its_account_of_the_fleets_own_list():
    one = proven(1)
    other = replace(one, row=replace(one.row, line=2), account="")

    own = own_of(one)
    merged = merge_reports(
        replace(own, outcomes=(replace(own.outcomes[0], account="210987654321"),)), [a_shard("a", other)]
    )

    assert merged.outcomes[0].row == one.row
    assert merged.outcomes[0].account == "210987654321"
    assert merged.outcomes[0].recovery_point == one.recovery_point


def test_calls_are_summed_by_operation_and_by_place():
    first, second = a_shard("a", proven(1)), a_shard("b", proven(2, region="eu-west-1"))
    place = PlaceStatistics("", "eu-west-1", 1, 1, 0, 2, 0, 40)
    second = replace(second, statistics=replace(second.statistics, throttled_calls=3, places=(place,)))
    own = own_of(proven(1), proven(2, region="eu-west-1"))

    statistics = merge_reports(own, [first, second]).statistics

    assert statistics.api_calls == {
        "backup:ListBackupJobs": 24, "backup:StartBackupJob": 2, "sts:GetCallerIdentity": 2,
    }  # fmt: skip
    assert statistics.throttled_calls == 3
    assert {one.region: one.api_calls for one in statistics.places}["eu-west-1"] == 40
    assert statistics.volumes == statistics.proven_volumes == 4
    assert len(statistics.vaults) == 2


def test_an_error_that_ended_a_shard_is_why_nothing_of_it_was_started():
    error = RunError("VaultError", "there is no vault EC2-Backup", "Create it.", 12)
    shard = a_shard("a", not_started(1), status=RunStatus.ABORTED, error=error, exit_code=12)

    merged = merge_reports(own_of(not_started(1), proven(2)), [shard, a_shard("b", proven(2))])

    (outcome, _) = merged.outcomes
    assert outcome.failure == Failure(
        outcome.row.instance_id, 6, "no job was started: there is no vault EC2-Backup", "Create it."
    )
    assert merged.notes == ("run fleet-a ended early: there is no vault EC2-Backup",)
    assert (merged.status, merged.exit_code, merged.error) == (RunStatus.INCOMPLETE, 3, None)


def test_an_error_of_the_fleet_itself_stays_its_end():
    error = RunError("Interrupted", "the run was told to stop", "", 130)
    own = own_of(proven(1), proven(2), status=RunStatus.INTERRUPTED, error=error, exit_code=130)

    merged = merge_reports(own, [a_shard("a", proven(1))])

    assert (merged.status, merged.exit_code) == (RunStatus.INTERRUPTED, 130)
    assert [one.verdict for one in merged.outcomes] == [Verdict.PROVEN, Verdict.NOT_STARTED]


def test_a_fleet_that_only_plans_ends_planned():
    own = own_of(planned(1), parameters={"dry_run": True})

    merged = merge_reports(own, [a_shard("a", planned(1), status=RunStatus.PLANNED)])

    assert (merged.status, merged.exit_code) == (RunStatus.PLANNED, 0)


def test_who_was_asked_and_what_was_used_is_there_once_for_each_account():
    own = replace(own_of(proven(1), proven(2)), callers=(Caller("123456789012", "arn:own"),))
    there = Caller("210987654321", "arn:there", access_role_arn=OTHER)
    parts = {
        "callers": (Caller("123456789012", "arn:own/worker"), there),
        "roles": (ServiceRole("R", "arn:role"),),
        "vaults": (Vault("EC2-Backup", "arn:vault", "eu-west-1"),),
        "keys": (Key("arn:key", "Enabled"),),
        "permissions": PermissionCheck(("backup:StartBackupJob",)),
    }
    first, second = a_shard("a", proven(1), **parts), a_shard("b", proven(2), **parts)

    merged = merge_reports(own, [first, second])

    assert [one.arn for one in merged.callers] == ["arn:own", "arn:there"]
    assert (merged.role, merged.roles) == (parts["roles"][0], parts["roles"])
    assert (merged.vaults, merged.keys) == (parts["vaults"], parts["keys"])
    assert merged.permissions == PermissionCheck(("backup:StartBackupJob",))
    assert all(isinstance(use, VaultUse) for use in merged.statistics.vaults)


def test_copies_are_counted_over_all_shards_and_one_that_lacks_makes_the_fleet_incomplete():
    one, two = copied(proven(1)), copied(proven(2), Verdict.FAILED, "denied")

    merged = merge_reports(own_of(one, two), [a_shard("a", one), a_shard("b", two)])

    assert (merged.statistics.copies, merged.statistics.proven_copies) == (2, 1)
    assert (merged.status, merged.exit_code, merged.failures) == (RunStatus.INCOMPLETE, 3, ())
