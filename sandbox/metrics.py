"""CloudWatch, as strict about PutMetricData as AWS is."""

import math
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult

from sandbox.answer import Refused
from sandbox.backup import books

MOST_METRICS = 1000
MOST_VALUES = 150
MOST_DIMENSIONS = 30
LARGEST = 2.0**360


class MetricsResponse(CloudWatchResponse):
    """CloudWatch that refuses what AWS refuses."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer a call, after AWS Backup has counted what it has done by now."""
        books.settle()
        return super().call_action()

    def put_metric_data(self) -> ActionResult:
        """Answer PutMetricData."""
        data: list[dict[str, Any]] = self._get_param("MetricData") or []
        if len(data) > MOST_METRICS:
            said = f"The collection MetricData must not have a size greater than {MOST_METRICS}."
            raise Refused("InvalidParameterValue", said)
        for number, metric in enumerate(data, 1):
            _check(f"MetricData.member.{number}", metric)
        return super().put_metric_data()


def _check(where: str, metric: dict[str, Any]) -> None:
    dimensions = metric.get("Dimensions") or []
    if len(dimensions) > MOST_DIMENSIONS:
        said = f"The collection {where}.Dimensions must not have a size greater than {MOST_DIMENSIONS}."
        raise Refused("InvalidParameterValue", said)
    values = metric.get("Values") or []
    if len(values) > MOST_VALUES:
        said = f"The collection {where}.Values must not have a size greater than {MOST_VALUES}."
        raise Refused("InvalidParameterValue", said)
    for name, value in [("Value", metric.get("Value")), *(("Values", value) for value in values)]:
        if value is not None and not _is_storable(float(value)):
            said = f"The value {value} for parameter {where}.{name} is invalid."
            raise Refused("InvalidParameterValue", said)


def _is_storable(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= LARGEST
