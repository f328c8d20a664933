"""What holds for all tests: none of them is about time, so a busy machine makes none of them fail."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
