#!/bin/sh
# The figures of README.md and the screens of docs/looking.md, made by the program: `./run figures`, or
#   MARL=build/release/marl MARL_PYTHON=build/python/bin/python3 sh docs/figures/make.sh [NAME...]
# A run that is there is not made again, so that a figure can be drawn anew. Five minutes on two cores; each
# function is one figure, and what is below `runs` is what its numbers are of.
set -eu
cd "$(dirname "$0")/../.."
marl=${MARL:-build/release/marl}
ranks=${RANKS:-2}
folder=runs/figures
mkdir -p $folder

made() { [ -e "$folder/$1" ]; }

# Vorticity of the reference cut to 64 x 64 points, of Leith's closure and of a learned one
readme_vorticity() {
  made closures || "$marl" evaluate closure/evaluate_kf4_n64 --out $folder/closures -n "$ranks" \
    --set evaluate.spinup=10 --set evaluate.time=30 --set 'evaluate.closures=[leith:coefficient=0.21:label=Leith, learned:interval=20:policy=configs/closure/policies/kf4_n64_cmaes_cutoff.h5:label=learned]'
  "$marl" plot $folder/closures --only snapshots --format png --width 7.6 --out $folder
  mv $folder/closures_snapshots.png docs/figures/readme_vorticity.png
}

# Cooperation without punishment, with direct and with third-party punishment
readme_society() {
  made societies || "$marl" compare dilemma/paper --out $folder/societies -n "$ranks" \
    --set 'compare.mechanisms=[none, DP, TPP]'
  "$marl" plot $folder/societies --only societies_cooperation --out $folder
  mv $folder/societies_cooperation.svg docs/figures/readme_society.svg
}

# The first screen of a page
report_page() {
  [ -e $folder/closures ] || readme_vorticity
  "$marl" report $folder/closures --out $folder/page.html --title "A closure for the forced flow"
  screen "file://$PWD/$folder/page.html" report_page
}

# Live pages: a closure that trains, a flow, a lattice of a million
view_page() {
  made training || "$marl" train demo/closure --out $folder/training -n "$ranks" --set run.frame_seconds=1
  view training view_page --dark
}
view_flow() {
  made flow || "$marl" simulate flow/forced_turbulence --out $folder/flow --set output.frame_seconds=1 \
    --set grid.n=128 --set integrator.name=ifrk4 --set integrator.cfl=0.9 --set time.dt=2e-3 --set time.spinup=4 --set time.end=10
  view flow view_flow
}
view_lattice() {
  made lattice || "$marl" lattice dilemma/million --out $folder/lattice -n "$ranks"
  view lattice view_lattice --dark
}

view() { # run, figure, how
  run=$1
  shift
  rm -f $folder/address
  "$marl" view $folder/"$run" >$folder/address 2>$folder/view.log &
  server=$!
  while kill -0 $server && ! grep -q 'http.*/$' $folder/address; do sleep 0.2; done
  screen "$(cat $folder/address)" "$@" || echo "figures: no screen of $run" >&2
  kill $server
}

screen() { # address, figure, how
  address=$1 figure=$2
  shift 2
  "${MARL_PYTHON:-python3}" docs/figures/screen.py "$address" "docs/figures/$figure.png" "$@"
}

[ $# -gt 0 ] || set -- readme_vorticity readme_society report_page view_page view_flow view_lattice
for figure; do
  echo "docs/figures/$figure" >&2
  $figure
done
