"""``python -m app`` is the command line."""

import sys

from .terminal.cli import main

sys.exit(main())
