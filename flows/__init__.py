"""Prefect flows, one a file."""
