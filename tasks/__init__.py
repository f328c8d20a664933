"""Prefect tasks: a name, retries and a run name around one call into ec2_backup."""
