"""Coverage: how old the last proven recovery point of each instance is, held against an objective. Rules alone."""
