"""Copies of proven backups in other Regions and accounts: where to, whether that can work, and which ones count."""
