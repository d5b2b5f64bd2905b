# Shared by the scripts beside this file. Sourced, not run.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

step() { printf '\n== %s\n' "$*"; }

# build PRESET TARGET...: configures and builds, printing only progress and errors.
build() {
  local preset=$1
  shift
  step "build: $preset $*"
  cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; rm -f "build-$preset.log"; return 1; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" --target "$@" -- --quiet
}
