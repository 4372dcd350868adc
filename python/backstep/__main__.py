"""``python -m backstep`` is the program."""

import subprocess
import sys

from ._capture import program

if __name__ == "__main__":
    try:
        sys.exit(subprocess.run([program(), *sys.argv[1:]], check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(130)
