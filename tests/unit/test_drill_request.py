"""What may be asked of a drill, and what is refused before anything is looked at."""

import pytest

from ec2_backup.drill.request import to_drill_request
from ec2_backup.errors import UsageError
from tests.unit.drills import a_request
from tests.unit.restores import GROUP, SUBNET


@pytest.mark.parametrize("field", ["check", "instance_type"])
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_value_is_as_one_that_is_not_given(field: str, blank: str) -> None:
    assert a_request(**{field: blank}) == a_request()


@pytest.mark.parametrize("sample", ["0", "-1", "1.5", "10000", "some", ""])
def test_a_sample_is_all_or_a_number_and_nothing_else(sample: str) -> None:
    with pytest.raises(UsageError, match=f"--sample: '{sample}' is neither a whole number from 1 to 9999 nor all"):
        to_drill_request({"subnet": SUBNET, "security_group": GROUP, "sample": sample})


@pytest.mark.parametrize("sample", ["1", "9999", "all"])
def test_a_sample_that_can_be_is_taken(sample: str) -> None:
    assert a_request(sample=sample).sample == sample
