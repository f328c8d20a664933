"""Restores: from a recovery point to a new instance that is proven to be what was backed up. Rules only, no calls."""
