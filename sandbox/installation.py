"""How the extensions get into moto: by its tables of routes, and by the class that makes each backend."""

from moto.cloudtrail import urls as cloudtrail_urls
from moto.cloudwatch import urls as cloudwatch_urls
from moto.ec2 import urls as ec2_urls
from moto.ec2.models import ec2_backends
from moto.iam import urls as iam_urls
from moto.logs import urls as logs_urls
from moto.ssm import urls as ssm_urls
from moto.sts import urls as sts_urls

from sandbox import backup
from sandbox.ec2 import FleetBackend, StrictResponse
from sandbox.logs import GroupResponse
from sandbox.lookup import TrailResponse
from sandbox.metrics import MetricsResponse
from sandbox.simulate import SimulatingResponse
from sandbox.ssm import CommandResponse
from sandbox.sts import SecurityTokenResponse


def install() -> None:
    """Put the extensions in place; backends that exist already keep the class that they were made with."""
    cloudtrail_urls.url_paths = {"{0}/$": TrailResponse.dispatch}
    cloudwatch_urls.url_paths = {"{0}/$": MetricsResponse.dispatch}
    logs_urls.url_paths = {"{0}/$": GroupResponse.dispatch}
    iam_urls.url_paths = {"{0}/$": SimulatingResponse.dispatch}
    ssm_urls.url_paths = {"{0}/$": CommandResponse.dispatch}
    sts_urls.url_paths = {"{0}/$": SecurityTokenResponse.dispatch}
    ec2_urls.url_paths = {"{0}/": StrictResponse.dispatch}
    ec2_backends.backend = FleetBackend
    backup.install()
