"""What a look at the coverage has left behind."""

import json
from collections import Counter
from typing import Any

from tests.flow_runs.front_door import Ended


def report_of(ended: Ended) -> Any:
    (path,) = ended.folder.glob("coverage_*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def standings(ended: Ended) -> dict[str, int]:
    return dict(Counter(one["standing"] for one in report_of(ended)["coverages"]))
