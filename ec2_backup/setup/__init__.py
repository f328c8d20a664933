"""What an account needs before its first backup: vault, key, role and policy; seen, planned, and never changed."""
