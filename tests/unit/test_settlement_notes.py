"""What somebody should know of a backup though it speaks against nothing."""

from ec2_backup.results import AuditEvent
from ec2_backup.settlement import to_notes
from ec2_backup.states import BackupJobState
from tests.unit.backups import BEGAN, a_job, a_volume, an_instance

JOB = a_job()
AUDITS = {JOB.job_id: AuditEvent("event", JOB.job_id, BEGAN, "ops")}


def test_volumes_without_encryption_are_named_by_their_device():
    plain = an_instance(1, a_volume(0, key=None), a_volume(1), a_volume(2, key=None))

    assert to_notes(plain, JOB, AUDITS) == ("not encrypted, nor is the backup: /dev/sda, /dev/sdc",)


def test_disks_of_the_instance_store_are_in_no_backup():
    stored = an_instance(1, instance_store=("1 x 475 GB SSD instance store",))

    assert to_notes(stored, JOB, AUDITS) == ("in no backup: 1 x 475 GB SSD instance store",)


def test_an_event_that_cloudtrail_has_not_shown_yet_is_noted_once_the_job_has_ended():
    assert to_notes(an_instance(1), JOB, {}) == ("CloudTrail has not shown the StartBackupJob event yet",)
    assert to_notes(an_instance(1), a_job(state=BackupJobState.RUNNING), {}) == ()


def test_of_an_instance_that_was_never_seen_there_is_nothing_to_note():
    assert to_notes(None, None, {}) == ()
