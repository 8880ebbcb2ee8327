"""Let the tests find the model, from wherever they are started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
