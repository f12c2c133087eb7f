#!/bin/sh
# Figures of docs/validation.md: the shipped reference statistics beside an independent run.
#   tools/plot_reference.sh OURS.h5 OTHER.h5 OUT    writes OUT_spectrum.svg and OUT_density.svg
# Needs gnuplot and h5dump (Debian: gnuplot-nox, hdf5-tools).
set -eu
ours=$1 other=$2 out=$3
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# column FILE DATASET: one number a line
column() { h5dump -y -w 1 -m %.12g -d "$2" "$1" | sed -n 's/^ *\([-0-9.][-+.0-9e]*\|nan\),\{0,1\} *$/\1/p'; }
# table FILE OUTPUT DATASET...: the datasets as columns
table() {
  file=$1 output=$2
  shift 2
  n=0
  for dataset in "$@"; do
    n=$((n + 1))
    column "$file" "$dataset" >"$work/column.$n"
  done
  paste -d ' ' $(seq -f "$work/column.%g" 1 $n) >"$output"
}

table "$ours" "$work/ours" /spectrum/wavenumber /spectrum/enstrophy /spectrum/enstrophy_std
table "$other" "$work/other" /spectrum/wavenumber /spectrum/enstrophy
table "$ours" "$work/cut" /spectrum_n32/wavenumber /spectrum_n32/enstrophy_truncated
table "$ours" "$work/pdf" /pdf/vorticity /pdf/density
table "$other" "$work/other_pdf" /pdf/vorticity /pdf/density

gnuplot <<PLOT
set terminal svg size 640,440 font "Helvetica,13" background "#ffffff"
set output "${out}_spectrum.svg"
set logscale xy
set xrange [0.8:200]
set yrange [1e-4:20]
set xlabel "k"
set ylabel "enstrophy spectrum"
set key bottom left
plot "$work/ours" every ::1 using 1:(\$2-\$3):(\$2+\$3) with filledcurves lc rgb "#c8d8ee" title "512^2, one standard deviation", \
     "$work/ours" every ::1 using 1:2 with lines lw 2 lc rgb "#1f4e9c" title "512^2, mean of the run", \
     "$work/other" every ::1 using 1:2 with points pt 7 ps 0.35 lc rgb "#c0392b" title "independent 1024^2", \
     "$work/cut" every ::1 using 1:2 with lines dt 2 lw 2 lc rgb "#444444" title "512^2 cut to 32^2"
set output "${out}_density.svg"
unset logscale x
set xrange [-45:45]
set yrange [1e-7:1]
set format y "10^{%T}"
set xlabel "vorticity"
set ylabel "probability density"
set key top right
plot "$work/pdf" using 1:(\$2>0?\$2:1/0) with lines lw 2 lc rgb "#1f4e9c" title "512^2, histogram", \
     "$work/other_pdf" using 1:(\$2>0?\$2:1/0) with points pt 7 ps 0.35 lc rgb "#c0392b" title "independent 1024^2"
PLOT
