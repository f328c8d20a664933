"""The AWS calls of a restore: all that they make or change is the new instance, the rest is only looked at."""
