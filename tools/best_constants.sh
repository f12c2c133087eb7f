#!/bin/sh
# What held constants come to in the episodes of a closure's training: env.best_constants.
#   tools/best_constants.sh CONFIG CONSTANTS UPDATES SEED...
# trains CONFIG with CONSTANTS (with commas, in the order of its actions) as env.action_center and a scale of
# next to nothing for UPDATES updates, as many as an episode takes, and prints for each seed
# log_spectrum_error of the episodes that ended; then their mean and standard error over seeds. MARL is the
# program (build/release/marl).
#   tools/best_constants.sh demo/closure -0.00286792,0.0010706,1.93246 20 1 2 3   (six minutes of a core)
set -eu
config=$1 constants=$2 updates=$3
shift 3
marl=${MARL:-$(dirname "$0")/../build/release/marl}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
scale=$(echo "$constants" | sed 's/[^,][^,]*/1e-9/g')
for seed; do
  "$marl" train "$config" --quiet --out "$folder/$seed" --set run.updates="$updates" --set run.seed="$seed" \
    --set run.checkpoint_every="$updates" --set env.action_center="$constants" \
    --set env.action_scale="$scale" >"$folder/said"
  awk -F, -v seed="$seed" '
    NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "env/log_spectrum_error") c = i; next }
    $c != "" { last = $c }
    END { if (last == "") exit 1; print seed, last }' "$folder/$seed/metrics.csv" ||
    { echo "best_constants: no episode has ended in $updates updates" >&2; exit 1; }
done | awk '{ print "seed " $1 ": " $2; s += $2; q += $2 * $2 }
  END { if (NR == 0) exit 1; m = s / NR; printf "mean %.3f", m; if (NR > 1) printf " +- %.3f", sqrt((q - NR * m * m) / (NR - 1) / NR); print "" }'
