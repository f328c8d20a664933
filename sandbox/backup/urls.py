"""Where AWS Backup answers. One route, because moto's router finds the operation by AWS's own model of the API."""

from sandbox.backup.responses import BackupResponse

url_bases = [r"https?://backup\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/(?P<route>.+)$": BackupResponse.dispatch}
