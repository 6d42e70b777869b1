# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run costs is measured here beside its peers and a floor, in one go; nothing leaves the loopback."""
