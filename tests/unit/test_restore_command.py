"""The commands of restores where there is nothing to take up, nothing named, or nothing that can be used."""

from pathlib import Path

import pytest

from deployments.asked_run import to_error
from deployments.restore_run import named_for_sandbox
from ec2_backup.errors import BadLine, InventoryError, UsageError
from ec2_backup.instance_ids import is_instance_id
from ec2_backup.restore.runfile import raise_for_unstarted
from tests.unit.restores import KEY, ORIGINAL


@pytest.mark.parametrize("kind", ["restore", "drill"])
def test_the_key_of_a_plan_is_told_to_have_started_nothing(tmp_path: Path, kind: str) -> None:
    raise_for_unstarted(KEY, tmp_path)
    (tmp_path / f"{kind}_{KEY}.json").write_text("{}")

    with pytest.raises(UsageError, match=f"Nothing was started under the key {KEY}") as caught:
        raise_for_unstarted(KEY, tmp_path)

    assert "the same command without --dry-run" in caught.value.hint


def test_a_sandbox_has_an_instance_to_restore_where_there_is_no_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_instance_id(named_for_sandbox())

    (tmp_path / "ec2_instances.csv").write_text(f"instance_id\n{ORIGINAL[:-1]}9\n")
    assert named_for_sandbox() == f"{ORIGINAL[:-1]}9"


def test_an_error_as_json_has_every_bad_line_with_its_reason() -> None:
    error = InventoryError("a.csv: 1 line", hint="Correct it.", bad_lines=(BadLine(2, "x", "no id"),))

    assert to_error(error) == {
        "message": "a.csv: 1 line",
        "hint": "Correct it.",
        "bad_lines": [{"number": 2, "content": "x", "reason": "no id"}],
    }
    assert to_error(UsageError("no")) == {"message": "no", "hint": ""}
