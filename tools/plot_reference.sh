#!/bin/sh
# Figures of docs/validation.md: the shipped reference statistics beside another run.
#   tools/plot_reference.sh OURS.h5 OTHER.h5 OUT [NAME [CUT]]
# writes OUT_spectrum.svg and OUT_density.svg. NAME is what the other run is called ("independent"),
# CUT the size of the cut field that is shown (32).
# Needs gnuplot and h5dump (Debian: gnuplot-nox, hdf5-tools).
set -eu
ours=$1 other=$2 out=$3 name=${4-independent } cut=${5:-32}
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

# grid FILE: "512^2"
grid() { h5dump -a dns_resolution -y "$1" | sed -n 's/^ *\([0-9][0-9]*\) *$/\1{^2}/p'; }
# the density is shown to seven standard deviations
sigma=$(h5dump -a /pdf/density/standard_deviation -y "$ours" | sed -n 's/^ *\([0-9.][0-9.]*\) *$/\1/p')
ours_grid=$(grid "$ours") other_grid="$name$(grid "$other")"

table "$ours" "$work/ours" /spectrum/wavenumber /spectrum/enstrophy /spectrum/enstrophy_std
table "$other" "$work/other" /spectrum/wavenumber /spectrum/enstrophy
table "$ours" "$work/cut" "/spectrum_n$cut/wavenumber" "/spectrum_n$cut/enstrophy_truncated"
table "$ours" "$work/pdf" /pdf/vorticity /pdf/density
table "$other" "$work/other_pdf" /pdf/vorticity /pdf/density

gnuplot <<PLOT
set terminal svg size 640,440 font "Helvetica,13" background "#ffffff"
set output "${out}_spectrum.svg"
set logscale xy
set xrange [0.8:*]
set yrange [1e-4:20]
set xlabel "k"
set ylabel "enstrophy spectrum"
set key bottom left
plot "$work/ours" every ::1 using 1:(\$2-\$3):(\$2+\$3) with filledcurves lc rgb "#c8d8ee" title "$ours_grid, one standard deviation", \
     "$work/ours" every ::1 using 1:2 with lines lw 2 lc rgb "#1f4e9c" title "$ours_grid, mean of the run", \
     "$work/other" every ::1 using 1:2 with points pt 7 ps 0.35 lc rgb "#c0392b" title "$other_grid", \
     "$work/cut" every ::1 using 1:2 with lines dt 2 lw 2 lc rgb "#444444" title "$ours_grid cut to $cut{^2}"
set output "${out}_density.svg"
unset logscale x
set xrange [-7*$sigma:7*$sigma]
set yrange [1e-7:1]
set format y "10^{%T}"
set xlabel "vorticity"
set ylabel "probability density"
set key top right
plot "$work/pdf" using 1:(\$2>0?\$2:1/0) with lines lw 2 lc rgb "#1f4e9c" title "$ours_grid, histogram", \
     "$work/other_pdf" using 1:(\$2>0?\$2:1/0) with points pt 7 ps 0.35 lc rgb "#c0392b" title "$other_grid"
PLOT
