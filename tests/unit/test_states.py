"""A job that has ended never changes again."""

from ec2_backup.states import BackupJobState


def test_five_of_the_nine_states_of_a_job_are_final():
    assert {state.value for state in BackupJobState if state.is_final} == {
        "ABORTED",
        "COMPLETED",
        "FAILED",
        "EXPIRED",
        "PARTIAL",
    }
