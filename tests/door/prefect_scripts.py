"""What the server tests run in processes of their own."""

# Ask for the server of a folder, as one of several shells.
ENSURE = """
import sys
from pathlib import Path
from deployments.prefect_server import ensure_server
server = ensure_server(Path(sys.argv[1]), int(sys.argv[2]), say=lambda text: print(text, file=sys.stderr))
assert "prefect" not in sys.modules
print(server.pid, server.url, server.started)
"""

# A fleet of mapped tasks, one of which fails, that narrates and prints.
FLOW = """
import logging, sys
from prefect import flow, task

logging.getLogger("ec2_backup").setLevel(logging.INFO)

@task
def start(number):
    logging.getLogger("ec2_backup").info("narrated %d", number)
    if number == 7:
        raise ValueError("refused")

@flow
def fleet():
    for future in (futures := start.map(range(int(sys.argv[1])))):
        future.wait()
    print("failed:", sum(future.state.is_failed() for future in futures))
    return "done"

print(fleet())
"""
