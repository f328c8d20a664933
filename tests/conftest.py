"""What holds for all tests, however they are run."""

import signal

from hypothesis import settings

# None of them is about time, so a busy machine makes none of them fail.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell that runs the tests in the background lets them, and so the programs that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
