import pytest
from markdown_it import MarkdownIt

from ec2_backup.report import to_failure_table, to_table
from ec2_backup.report.console import image_url, instance_url, job_url, vault_url
from tests.unit.reports import a_report, failed, not_started, proven, running, unseen


def test_what_failed_comes_first_and_the_rest_in_the_order_of_the_inventory() -> None:
    rows = to_table(a_report(proven(1), running(2), proven(3), failed(4), unseen(5)))

    assert [row["Verdict"] for row in rows] == ["❌ failed", "❌ failed", "⏳ running", "✅ proven", "✅ proven"]
    assert [row["Name"] for row in rows] == ["web-4", "old-db", "web-2", "web-1", "web-3"]


def test_a_row_links_the_instance_the_job_and_the_image() -> None:
    (row,) = to_table(a_report(proven(1)))
    console = "https://eu-central-1.console.aws.amazon.com"

    assert row == {
        "Instance": f"[i-00000000000000001]({console}/ec2/home?region=eu-central-1"
        "#InstanceDetails:instanceId=i-00000000000000001)",
        "Name": "web-1",
        "Region": "eu-central-1",
        "Verdict": "✅ proven",
        "Job": f"[00000001]({console}/backup/home?region=eu-central-1"
        "#/jobs/backup/details/00000001-1111-2222-3333-444455556666) COMPLETED",
        "Recovery point": f"[ami-00000000000000001]({console}/ec2/home?region=eu-central-1"
        "#ImageDetails:imageId=ami-00000000000000001)",
        "Size": "100 GiB",
        "Volumes": "2",
        "Reason": "",
    }


def test_every_row_has_the_same_columns_and_only_texts() -> None:
    report = a_report(proven(1), failed(2), unseen(3), running(4), not_started(5))

    for rows in (to_table(report), to_failure_table(report)):
        assert len({tuple(row) for row in rows}) == 1
        assert all(isinstance(value, str) for row in rows for value in row.values())


def test_a_table_stops_at_its_limit_and_says_how_many_more_there_are() -> None:
    rows = to_table(a_report(*map(proven, range(12))), limit=10)

    assert len(rows) == 11
    assert rows[-1]["Instance"] == "and 2 more instances in the CSV report"
    assert list(rows[-1]) == list(rows[0])
    assert len(to_failure_table(a_report(*map(failed, range(12))), limit=12)) == 12


def test_the_failure_table_holds_only_failures_with_step_reason_and_advice() -> None:
    rows = to_failure_table(a_report(proven(1), running(2), failed(3, "no [such] key", advice="Enable | it.")))

    assert [row["Name"] for row in rows] == ["web-3", "web-2"]
    assert rows[0]["Step"] == "10 Monitoring"
    assert rows[0]["Reason"] == r"no \[such\] key"
    assert rows[0]["What to do"] == r"Enable \| it."
    assert to_failure_table(a_report(proven(1))) == []


def test_a_name_cannot_put_a_link_into_a_cell() -> None:
    (row,) = to_table(a_report(proven(1, name="[press](https://e.vil) <a href=x> **now**")))

    assert MarkdownIt("commonmark").renderInline(row["Name"]).count("<") == 0


@pytest.mark.parametrize(
    ("region", "beginning"),
    [
        ("eu-central-1", "https://eu-central-1.console.aws.amazon.com/"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_each_partition_has_its_own_console(region: str, beginning: str) -> None:
    for url in (
        instance_url("i-1", region),
        image_url("ami-1", region),
        job_url("j", region),
        vault_url("EC2-Backup", region),
    ):
        assert url.startswith(beginning)
        assert f"?region={region}#" in url


def test_nothing_in_an_identifier_can_end_the_address_that_holds_it() -> None:
    assert instance_url("i-1) [x](y", "eu-central-1").endswith("instanceId=i-1%29%20%5Bx%5D%28y")
