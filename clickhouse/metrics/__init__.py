"""The one catalogue of metrics: what can be asked for, what it means, and of which stored measures it is made.

From it come the picker, the API's validation, the SQL, the totals, the lists and the values where nothing happened. A
metric is never defined anywhere else; its wording follows the definitions, whose version it carries.
"""

from clickhouse.metrics.calls import CALL_METRICS
from clickhouse.metrics.contacts import CONTACT_METRICS
from clickhouse.metrics.metric import Metric
from clickhouse.metrics.orders import ORDER_METRICS

DEFINITIONS = 1
METRICS: tuple[Metric, ...] = (*CALL_METRICS, *CONTACT_METRICS, *ORDER_METRICS)
BY_NAME: dict[str, Metric] = {metric.name: metric for metric in METRICS}
