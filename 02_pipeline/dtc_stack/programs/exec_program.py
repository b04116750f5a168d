"""``python -m dtc_stack.programs.exec_program NAME``: replace this process by a program; what supervisord starts.

Apart from the other commands since it imports little: each program's start waits for it.
"""

import sys

from dtc_stack.programs.programs import program

if __name__ == "__main__":
    program(sys.argv[1]).become()
