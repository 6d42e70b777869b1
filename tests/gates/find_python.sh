#!/bin/sh
# Prints the first Python that really runs, is 3.11 to 3.13 (what ansible-core 2.19 supports) and can make environments.
# Arguments are the oldest and the newest version instead of 3.11 and 3.13. $PYTHON, where set, is the only candidate if
# there is no argument, and the first if there is one.

oldest=${1:-3.11}
newest=${2:-3.13}

works() {
    "$1" -c "import ensurepip, sys, venv; sys.exit(not ${oldest#3.} <= sys.version_info[1] <= ${newest#3.})" >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    works "$PYTHON" && echo "$PYTHON" && exit
fi
if [ -n "${PYTHON:-}" ] && [ $# -eq 0 ]; then
    echo "PYTHON=$PYTHON does not run, is not Python 3.11 to 3.13, or has no venv module." >&2
    exit 1
fi

# Other versions may lie beside one that runs, in whoever's home that is.
prefix=$("${PYTHON:-python3}" -c 'import sys; print(sys.base_prefix)' 2>/dev/null)
beside=${prefix%/*}

# A name on PATH may be a version manager's shim with nothing behind it, so each is tried, and then where they lead.
for candidate in python3 python3.13 python3.12 python3.11 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python "$HOME"/.pyenv/versions/*/bin/python "${beside:-/nonexistent}"/*/bin/python; do
    works "$candidate" && command -v "$candidate" && exit
done
echo "No working Python $oldest to $newest with its venv module was found; name one: make PYTHON=/path/to/python3 ..." >&2
exit 1
