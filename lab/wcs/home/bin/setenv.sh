# Environment of every script in this folder; sourced, not run.
WCS_HOME=$(cd -P "$(dirname "$0")/.." && pwd)
WCS_NON_ROOT=true
WCS_FD_LIMIT=20000
MALLOC_ARENA_MAX=4
PID_FILE="$WCS_HOME/bin/FlashphonerMainWebCallServer.pid"
export WCS_HOME WCS_NON_ROOT WCS_FD_LIMIT MALLOC_ARENA_MAX PID_FILE

# The system's own interpreter first: a version manager's python3 may be a slow shell script.
[ -x "${WCS_PYTHON:-}" ] || WCS_PYTHON=/usr/bin/python3
[ -x "$WCS_PYTHON" ] || WCS_PYTHON=$(command -v python3 || command -v python3.11) || {
  echo "webcallserver: python3 is not installed" >&2
  exit 1
}
