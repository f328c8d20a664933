"""Restore drills: a sample restored where it reaches nothing, proven, timed and removed again. Rules only, no calls."""
