"""Style as tests: the checker's own test, then the tree itself; prints the totals."""
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    own = subprocess.run([sys.executable, str(HERE / "tidy_test.py")], capture_output=True,
                         text=True, check=False)
    tree = subprocess.run([sys.executable, str(HERE / "tidy.py"), str(HERE.parent.parent)],
                          capture_output=True, text=True, check=False)
    print(own.stdout + own.stderr if own.returncode else "", tree.stdout, tree.stderr, sep="")
    count = re.search(r"Ran (\d+) test", own.stderr + own.stdout)
    ran = int(count.group(1)) if count else 0
    failed = int(own.returncode != 0) + int(tree.returncode != 0)
    print(f"{ran + 1 - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
