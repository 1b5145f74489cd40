import sys

from instrdiv.cli import main

sys.exit(main())
