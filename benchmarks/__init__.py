"""What the figures in the README come from: one script a figure, against the sandbox, beside plain baselines."""
