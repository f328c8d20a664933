"""A fleet is cut by account and Region, and each shard's list says the same as the fleet's own."""

from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from ec2_backup.fleetoptions import FLEET_KEY_PATTERN, SHARDS_PATTERN
from ec2_backup.inventory import read_inventory
from ec2_backup.model import InventoryRow
from ec2_backup.runkey import to_began_at
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.shards import SharedPlace, is_shard, to_csv, to_shards, to_start
from tests.unit.backups import instance_id

OWN, OTHER = "123456789012", "210987654321"
KEY = "20261123T080848Z-0c6a3a5e"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-1")
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
PLACES = st.tuples(st.sampled_from([None, OWN, OTHER]), st.sampled_from(REGIONS))
ROWS = st.lists(PLACES, min_size=1, max_size=40).map(
    lambda places: [
        InventoryRow(line, instance_id(line), region, account=account)
        for line, (account, region) in enumerate(places, 2)
    ]
)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ops"


@given(ROWS)
def test_every_row_is_in_one_shard_and_no_two_shards_are_in_the_same_place(rows):
    shards = to_shards(rows, KEY, OWN)

    assert sorted(row.instance_id for shard in shards for row in shard.rows) == [row.instance_id for row in rows]
    assert len({(shard.account, shard.region) for shard in shards}) == len(shards)
    assert all((row.account, row.region) == (shard.account, shard.region) for shard in shards for row in shard.rows)


def test_the_callers_own_account_is_one_account_whether_a_row_names_it_or_not():
    rows = [InventoryRow(2, instance_id(1), "us-east-1"), InventoryRow(3, instance_id(2), "us-east-1", account=OWN)]

    (shard,) = to_shards(rows, KEY, OWN)

    assert [row.account for row in shard.rows] == [OWN, OWN]
    assert str(shard) == "us-east-1 of 123456789012"


@given(ROWS)
def test_the_largest_shard_begins_first(rows):
    sizes = [len(shard.rows) for shard in to_shards(rows, KEY, OWN)]

    assert sizes == sorted(sizes, reverse=True)


@given(ROWS)
def test_the_key_of_a_shard_is_one_that_a_run_takes_and_says_when_the_fleet_began(rows):
    for shard in to_shards(rows, KEY, OWN):
        assert BackupRequest(run_key=shard.run_key).run_key == shard.run_key
        assert to_began_at(shard.run_key) == to_began_at(KEY)


@given(st.sampled_from([None, f"arn:aws:iam::{OTHER}:role/ops/Backups"]), NAMES)
def test_the_list_of_a_shard_is_read_back_as_it_was_cut(role_arn, name):
    (first,) = read_inventory("x.csv", content=f"instance_id,name\n{instance_id(7)},\n".encode()).rows
    named = InventoryRow(first.line, first.instance_id, "eu-west-1", name.strip() or None, (), OTHER, role_arn)
    (shard,) = to_shards([named], KEY, OWN)

    (row,) = read_inventory("shard.csv", content=to_csv(shard).encode()).rows

    assert (row.instance_id, row.region, row.account, row.role_arn) == (
        named.instance_id, "eu-west-1", OTHER, role_arn,
    )  # fmt: skip
    # A lone hyphen is what consoles show where there is no name: no inventory gives it as one.
    assert (row.name or "").split() == ([] if name.strip() in "-–—" else name.split())


def test_shards_in_a_folder_write_their_reports_there_and_leave_messages_and_copies_to_the_fleet():
    request = BackupRequest(
        csv="all.csv", retention_days=35, options=BackupOptions(notify_topic=TOPIC, notify="always", report_to="s3://abc/x")
    )  # fmt: skip
    (shard,) = to_shards([InventoryRow(2, instance_id(1), "eu-west-1", account=OTHER)], KEY, OWN)

    start = to_start(shard, request, SharedPlace("/mnt/shards/", KEY), 2)
    asked = BackupRequest.model_validate(start.parameters)

    folder = f"/mnt/shards/{KEY}"
    assert asked.csv == start.inventory == f"{folder}/shard_{shard.run_key}.csv"
    assert (asked.output, asked.run_key) == (Path(folder, shard.run_key), f"{KEY}-{OTHER}-eu-west-1")
    assert (asked.options.notify_topic, asked.options.report_to, asked.retention_days) == (None, None, 35)
    assert start.name == "EC2-Backup · 1 instance · eu-west-1 of 210987654321"
    assert (start.tag, start.idempotency_key) == (f"fleet:{KEY}", f"{shard.run_key}:2")


def test_shards_in_s3_send_their_reports_there_from_the_folder_of_their_own_deployment():
    (shard,) = to_shards([InventoryRow(2, instance_id(1), "eu-west-1")], KEY, OWN)
    place = SharedPlace("s3://bucket/fleets/", KEY)

    parameters = place.parameters(shard, BackupRequest())

    assert "output" not in parameters
    assert BackupRequest.model_validate(parameters).options.report_to == f"s3://bucket/fleets/{KEY}"
    assert place.report(shard) == f"s3://bucket/fleets/{KEY}/{shard.run_key}/report_{shard.run_key}.json"


def test_what_was_located_is_not_searched_again_by_its_shard():
    (shard,) = to_shards([InventoryRow(2, instance_id(1), "eu-west-1")], KEY, OWN)
    request = BackupRequest(options=BackupOptions(locate=True))

    parameters = SharedPlace("shards", KEY).parameters(shard, request)

    assert BackupRequest.model_validate(parameters).options.locate is False


@pytest.mark.parametrize(
    ("source", "is_one"), [("s3://b/k/shard_x.csv", True), ("/a/shard_x.csv", True), ("shards/all.csv", False)]
)
def test_the_list_of_a_shard_is_known_by_its_name(source, is_one):
    assert is_shard(source) is is_one


@pytest.mark.parametrize("place", ["backup-output/shards", "/mnt/fleet", "s3://bucket-1/fleets", "s3://bucket-1"])
def test_a_place_for_shards_is_a_folder_or_in_s3(place):
    assert TypeAdapter(_matching(SHARDS_PATTERN)).validate_python(place) == place


@pytest.mark.parametrize("place", ["", "s3://B", "block:s3-bucket/ops", "s3:/bucket/x"])
def test_what_is_neither_a_folder_nor_in_s3_is_refused(place):
    with pytest.raises(ValidationError):
        TypeAdapter(_matching(SHARDS_PATTERN)).validate_python(place)


@pytest.mark.parametrize("key", ["nightly", f"{KEY}-{OTHER}-eu-west-1", ""])
def test_only_a_key_that_says_when_the_fleet_began_takes_it_up(key):
    with pytest.raises(ValidationError):
        TypeAdapter(_matching(FLEET_KEY_PATTERN)).validate_python(key)


def _matching(pattern: str):
    return Annotated[str, Field(pattern=pattern)]
