"""Write the sample: ``python -m leadaudit.simulate [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

from leadaudit.simulate.sample import write_sample

if __name__ == "__main__":
    write_sample(Path(sys.argv[1] if len(sys.argv) > 1 else "data/sample"))
