"""What AWS's `credential_process` calls in a test: each time it prints a new session of the sandbox, short-lived.

python session_source.py URL ACCOUNT
"""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from urllib.request import Request, urlopen

FRESH_FOR = timedelta(seconds=5)  # botocore asks for another session before every call that comes this near the end


def main(url: str, account: str) -> None:
    """Print a new session in the form that `credential_process` wants."""
    asked = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": f"arn:aws:iam::{account}:role/BackupOperator",
        "RoleSessionName": "nightly",
        "DurationSeconds": 3600,
    }
    scope = "Credential=testing/20260101/us-east-1/sts/aws4_request"  # the sandbox looks at no signature
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
    with urlopen(Request(url, urlencode(asked).encode(), headers), timeout=10) as answer:
        said = answer.read().decode()
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    session = dict(re.findall(rf"<({'|'.join(names)})>([^<]*)<", said))
    expiration = (datetime.now(UTC) + FRESH_FOR).isoformat()
    sys.stdout.write(json.dumps({"Version": 1, **session, "Expiration": expiration}))


if __name__ == "__main__":
    main(*sys.argv[1:])
