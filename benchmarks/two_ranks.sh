#!/bin/sh
# What a second rank gives a training, beside what the machine has for it.
#   benchmarks/two_ranks.sh ROUNDS CONFIG [SETTING...]
# In turn: the training on one rank, on two ranks, and two trainings of one rank each at the same time, which
# exchange nothing: what they reach together, over what one reaches alone, is the most that two ranks can. Agent
# steps a second of elapsed time, and of two ranks the share of it in messages, waiting included.
set -eu
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
cd "$(dirname "$0")/.."
rounds=$1
shift
bench=build/release/benchmarks/bench_closure_training
apart=$(mktemp)
trap 'rm -f "$apart"' EXIT
value() { sed -n "s/.* $1=\([0-9.]*\).*/\1/p"; }
for round in $(seq "$rounds"); do
  one=$("$bench" "$@" | value agent_steps_per_s)
  both=$(mpirun -n 2 --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 "$bench" "$@")
  "$bench" "$@" > "$apart" &
  second=$("$bench" "$@" | value agent_steps_per_s)
  wait
  echo "round=$round load=$(cut -d' ' -f1 /proc/loadavg) one=$one two_ranks=$(echo "$both" | value agent_steps_per_s)" \
    "apart=$(value agent_steps_per_s < "$apart"),$second messages=$(echo "$both" | value communication)" |
    awk '{ split($3, o, "="); split($4, t, "="); split($5, a, /[=,]/)
           printf "%s over_one=%.2f ceiling=%.2f share_of_ceiling=%.2f\n", $0, t[2] / o[2], (a[2] + a[3]) / o[2],
                  t[2] / (a[2] + a[3]) }'
done
