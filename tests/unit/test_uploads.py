"""What of a run is not in S3 yet is known beside its files, and goes there with the next attempt."""

from dataclasses import replace
from pathlib import Path

import pytest

from ec2_backup.delivery import to_resend, uploaded
from ec2_backup.errors import UsageError
from ec2_backup.narration import Mark
from ec2_backup.uploads import read_unsent, to_copies, unsent_path, write_unsent
from tests.unit.deliveries import KEY, Bucket, written
from tests.unit.listeners import heard
from tests.unit.reports import proven


def test_the_next_attempt_sends_what_the_one_before_has_not(tmp_path):
    uploaded(written(tmp_path), Bucket("backup.log").put)
    bucket = Bucket()

    delivered = uploaded(written(tmp_path, "later.log"), bucket.put)

    assert {url.rpartition("/")[2] for url in bucket.urls} == {
        "backup.log", "later.log", *(f"report_{KEY}.{kind}" for kind in ("csv", "html", "json")),
    }  # fmt: skip
    assert delivered.copies["log"].endswith("/later.log")
    assert not unsent_path(tmp_path, KEY).exists()


def test_a_run_that_proved_everything_has_only_its_files_to_send_wherever_its_folder_is_now(tmp_path):
    earlier, later = tmp_path / "earlier", tmp_path / "later"
    earlier.mkdir()
    assert to_resend(earlier, KEY) is None
    uploaded(written(earlier, outcomes=(proven(1),)), Bucket("html").put)
    earlier.rename(later)

    report, bucket = to_resend(later, KEY), Bucket()

    assert report
    assert set(report.copies) == {"log", "csv", "html", "json"}
    uploaded(report, bucket.put)
    assert len(bucket.urls) == 4
    assert to_resend(later, KEY) is None


def test_a_run_that_has_more_to_do_is_not_only_sent(tmp_path):
    uploaded(written(tmp_path), Bucket("html").put)

    assert read_unsent(tmp_path, KEY)
    assert to_resend(tmp_path, KEY) is None


def test_a_kill_while_files_are_sent_leaves_the_list_of_the_rest(tmp_path):
    report = written(tmp_path)

    def put(path: Path, _url: str) -> None:
        assert path in read_unsent(tmp_path, KEY)

    uploaded(report, put)
    assert read_unsent(tmp_path, KEY) == {}


def test_a_list_that_cannot_be_read_or_names_lost_files_costs_nothing(tmp_path):
    write_unsent(tmp_path, KEY, {tmp_path / "lost.log": "s3://reports/nightly/lost.log"})
    assert read_unsent(tmp_path, KEY) == {}
    unsent_path(tmp_path, KEY).write_text("{")
    bucket = Bucket()

    uploaded(written(tmp_path), bucket.put)

    assert len(bucket.urls) == 4


def test_a_list_that_cannot_be_written_keeps_no_file_from_s3(tmp_path):
    unsent_path(tmp_path, KEY).mkdir()
    bucket = Bucket()

    with pytest.raises(UsageError, match="cannot be written"):
        write_unsent(tmp_path, KEY, {})
    uploaded(written(tmp_path), bucket.put)

    assert len(bucket.urls) == 4


def test_a_run_that_cannot_be_taken_up_again_is_not_said_to_send_the_rest(tmp_path):
    early = replace(written(tmp_path), caller=None)

    with heard() as listener:
        uploaded(early, Bucket("csv").put)

    assert "resume" not in listener.texts(Mark.WARNING)[0]


def test_a_report_that_was_never_written_still_has_its_log_sent(tmp_path):
    complete, bucket = written(tmp_path), Bucket()
    report = replace(complete, files={"log": complete.files["log"]}, copies={})

    uploaded(report, bucket.put)
    refused = uploaded(report, Bucket("backup.log").put)

    assert bucket.urls == [to_copies(complete)["log"]]
    assert refused.copies == {}
