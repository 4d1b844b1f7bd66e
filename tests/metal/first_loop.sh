#!/usr/bin/env bash
# The first loop (tests/scenarios/first_loop.sh) with machines for devices.
set -Eeuo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
HOLDFAST_BOARD=tests/metal/board.sh exec bash tests/scenarios/first_loop.sh --once
