# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A local AWS is started, watched and filled here; nothing in this package reaches beyond the loopback."""
