# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""bench and local_aws are found in the checkout the tests themselves belong to."""

from __future__ import annotations

import sys
from pathlib import Path

# ansible-test does not read pyproject.toml, which says the same to pytest.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
