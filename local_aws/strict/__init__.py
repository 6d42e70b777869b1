# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stricter local AWS: what AWS documents and an emulator leaves out, as a layer in front of it.

`recording(emulator.url)` switches on the usual behaviours, `recording(emulator.url, names=["function_states"])` some.
"""

from __future__ import annotations

from local_aws.strict.behaviour import Settings
from local_aws.strict.registry import BEHAVIOURS, USUAL, Layer, layer, recording

__all__ = ["BEHAVIOURS", "USUAL", "Layer", "Settings", "layer", "recording"]
