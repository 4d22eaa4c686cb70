"""Decodes the body of an OTLP request with OpenTelemetry's own messages and prints what it says as JSON."""

import json
import sys

from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

request = ExportMetricsServiceRequest()
request.ParseFromString(open(sys.argv[1], "rb").read())


def check(message):
    """Every field of ours is a field of theirs."""
    assert len(UnknownFieldSet(message)) == 0, message
    for field, value in message.ListFields():
        if field.message_type:
            for part in [value] if hasattr(value, "ListFields") else value:
                check(part)


check(request)

told = []
for resource_metrics in request.resource_metrics:
    resource = {it.key: it.value.string_value or it.value.int_value for it in resource_metrics.resource.attributes}
    metrics = {}
    for scope_metrics in resource_metrics.scope_metrics:
        for metric in scope_metrics.metrics:
            kind = metric.WhichOneof("data")
            points = []
            for point in getattr(metric, kind).data_points:
                entry = {"attributes": {it.key: it.value.string_value for it in point.attributes}}
                entry["start"], entry["time"] = point.start_time_unix_nano, point.time_unix_nano
                if kind == "exponential_histogram":
                    entry |= {"count": point.count, "sum": point.sum, "scale": point.scale, "zero": point.zero_count}
                    entry |= {"offset": point.positive.offset, "buckets": list(point.positive.bucket_counts)}
                else:
                    entry["value"] = getattr(point, point.WhichOneof("value"))
                points.append(entry)
            cumulative = getattr(getattr(metric, kind), "aggregation_temporality", None)
            metrics[metric.name] = {"kind": kind, "unit": metric.unit, "temporality": cumulative, "points": points}
    told.append({"resource": resource, "metrics": metrics})
json.dump(told, sys.stdout)
