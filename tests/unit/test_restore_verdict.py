"""Whether a restore counts: every difference is found, whatever it is."""

from dataclasses import replace

import pytest

from ec2_backup.model import Volume
from ec2_backup.restore.jobs import RestoreJobState
from ec2_backup.restore.model import Changes
from ec2_backup.restore.verdict import judge_job, prove
from ec2_backup.settings import DRILL_TAG
from tests.unit.restores import NEW, ORIGINAL, VOLUMES, a_job, a_plan, restored

ROOT, DATA = VOLUMES


def test_an_instance_that_is_what_was_backed_up_is_proven():
    assert prove(a_plan(), restored(a_plan())) is None


@pytest.mark.parametrize(
    ("volumes", "said"),
    [
        ((ROOT,), "no volume at /dev/sdf (100 GiB)"),
        ((ROOT, replace(DATA, size_gib=50)), "vol-0b at /dev/sdf has 50 GiB, not 100"),
        ((ROOT, replace(DATA, volume_type="gp2")), "vol-0b at /dev/sdf is of type gp2, not io1"),
        ((replace(ROOT, encrypted=False), DATA), "vol-0a at /dev/xvda is not encrypted, its snapshot is"),
        ((ROOT, replace(DATA, device="/dev/sdg")), "no volume at /dev/sdf (100 GiB)"),
        ((*VOLUMES, Volume("vol-0c", "/dev/sdg", 1, "gp3", True)), "vol-0c at /dev/sdg is in no backup"),
        ((), "it has 0 volumes, the recovery point 2"),
    ],
)
def test_a_volume_that_is_not_as_it_was_is_named(volumes, said):
    failure = prove(a_plan(), restored(a_plan(), volumes))

    assert said in failure.reason
    assert "Do not put it to use" in failure.advice


def test_a_volume_that_the_account_encrypts_by_default_is_no_difference():
    assert prove(a_plan(), restored(a_plan(), (ROOT, replace(DATA, encrypted=True)))) is None


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"instance_type": "t3.nano"}, "its instance type is t3.nano, asked for was t3.micro"),
        ({"subnet": "subnet-other"}, "its subnet is subnet-other"),
        ({"security_groups": ("sg-other",)}, "its security groups are sg-other"),
        ({"profile": ""}, "its instance profile is none, asked for was web"),
        ({"tags": {"Team": "db"}}, "tag Team is 'db', not 'web'"),
        ({"tags": {}}, "tag RestoredFrom is missing"),
    ],
)
def test_a_setting_that_is_not_as_asked_for_is_named(seen, said):
    plan = a_plan(changes=Changes(instance_type="t3.micro", profile="web"))

    assert said in prove(plan, restored(plan, **seen)).reason


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"state": "terminated"}, f"the new instance {NEW} is terminated"),
        ({"state": "pending", "instance_check": ""}, "is pending and not healthy in time"),
        ({"instance_check": "impaired"}, "system check ok, instance check impaired"),
        ({"system_check": "initializing"}, "system check initializing"),
    ],
)
def test_an_instance_that_is_not_healthy_is_no_green(seen, said):
    assert said in prove(a_plan(), restored(a_plan(), **seen)).reason


def test_an_instance_that_was_not_healthy_in_time_can_be_looked_at_again_unless_a_drill_removes_it():
    plan = a_plan()
    drilled = replace(plan, tags={**plan.tags, DRILL_TAG: "KEY"})

    kept, removed = (prove(one, restored(one, instance_check="initializing")).advice for one in (plan, drilled))

    assert "resume RUN_KEY looks again, with a longer --checks-minutes" in kept
    assert "resume" not in removed
    assert "Drill once more, with a longer --checks-minutes" in removed


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"state": RestoreJobState.RUNNING}, "still RUNNING and its deadline has passed"),
        ({"state": RestoreJobState.ABORTED, "message": "because"}, "ended ABORTED: because"),
        ({"state": RestoreJobState.FAILED}, "ended FAILED: AWS gave no message"),
        ({"created_arn": ""}, "names no new instance"),
        ({"created_arn": f"arn:aws:ec2:eu-central-1:1:instance/{ORIGINAL}"}, f"names the original {ORIGINAL}"),
    ],
)
def test_a_job_without_a_new_instance_is_a_failure(job, said):
    assert said in judge_job(a_plan(), a_job(**job)).reason


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Encoded authorization failure message: x", "iam:PassRole"),
        ("Restore metadata is invalid.", "settings of the original"),
        ("We currently do not have sufficient m5.large capacity", "--instance-type"),
        ("KMS key is either disabled", "KMS key"),
        ("something else", "AWS Backup console"),
    ],
)
def test_aws_words_lead_to_what_to_do(message, advice):
    assert advice in judge_job(a_plan(), a_job(state=RestoreJobState.FAILED, message=message)).advice
