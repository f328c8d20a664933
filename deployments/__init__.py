"""What runs the flows elsewhere than in a terminal: the local Prefect server, IAM policies."""
