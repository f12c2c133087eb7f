#!/bin/sh
# Learning curves: a column of the metrics of training runs against their updates.
#   tools/plot_learning.sh COLUMN LABEL OUT.svg RUN...    e.g. env/log_spectrum_error "e of an episode"
# Only updates with a value are drawn. Needs gnuplot (Debian: gnuplot-nox).
set -eu
column=$1 label=$2 out=$3
shift 3
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

curves=
for run in "$@"; do
  name=$(basename "$run")
  awk -F, -v want="$column" '
    NR == 1 { for (i = 1; i <= NF && !at; ++i) if ($i == want) at = i }
    NR == 1 && !at { print "no column " want >"/dev/stderr"; exit 1 }
    NR > 1 && $at != "" { print $1, $at }' "$run/metrics.csv" >"$work/$name"
  curves="$curves${curves:+, }'$work/$name' with linespoints pt 7 ps 0.4 lw 1.5 title '$name'"
done

gnuplot <<PLOT
set terminal svg size 640,400 font "Helvetica,13" background "#ffffff"
set output "$out"
set xlabel "update"
set ylabel "$label"
set key outside below noenhanced
set grid ytics lc rgb "#dddddd"
plot $curves
PLOT
