"""What a setup says of a vault that is there: it is good only with a key that can be used."""

import pytest

from ec2_backup.model import Caller, Key
from ec2_backup.setup.ground import Documents, Kind, Piece, Seen, SeenRegion, Status
from ec2_backup.setup.plan import plan_setup
from ec2_backup.setup.request import SetupRequest

ARN = "arn:aws:kms:eu-west-1:123456789012:key/1"
CALLER = Caller("123456789012", "arn:aws:iam::123456789012:user/jane")
DOCUMENTS = Documents('{"Version": "2012-10-17", "Statement": []}', "{}")


def planned(key: Key | None) -> tuple[Piece, int]:
    """Return what is planned for a vault that is there with this key, and the exit code."""
    seen = Seen(CALLER, (SeenRegion("eu-west-1", has_vault=True, vault_key=key),))
    plan = plan_setup(SetupRequest(regions=("eu-west-1",)), seen, DOCUMENTS)
    (vault,) = [one for one in plan.pieces if one.kind is Kind.VAULT]
    return vault, plan.exit_code


@pytest.mark.parametrize(
    ("state", "mended"),
    [
        ("Disabled", f"(aws kms enable-key --key-id {ARN}"),
        ("PendingDeletion", f"(aws kms cancel-key-deletion --key-id {ARN}"),
        ("NotFound", "A vault keeps its key: to use another, name another vault"),
    ],
)
def test_a_vault_whose_key_cannot_be_used_is_not_as_a_backup_needs_it(state, mended):
    vault, exit_code = planned(Key(ARN, state))

    assert vault.status is Status.DIFFERS
    assert vault.detail == f"encrypted with {ARN}, which is {state}"
    assert mended in vault.advice
    assert exit_code == 12


@pytest.mark.parametrize("key", [Key(ARN, "Enabled"), Key(ARN, None), None])
def test_a_vault_is_there_where_nothing_speaks_against_its_key(key):
    vault, exit_code = planned(key)

    assert vault.status is Status.EXISTS
    assert exit_code == 0
