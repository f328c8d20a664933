"""The calls of a setup: what an administrator may do, and a backup never does."""
