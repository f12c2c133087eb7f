/* Are two sweeps the same? For the shell. */
#ifndef MARL_TESTS_CLI_SAME_SWEEP_H
#define MARL_TESTS_CLI_SAME_SWEEP_H

/* The files that a result is: policies, metrics and the table; not when and where it was made. */
#define SAME                                                                            \
  "same() { cmp $1/sweep.csv $2/sweep.csv && for f in $1/runs/*; do n=$(basename $f); " \
  "cmp $f/metrics.csv $2/runs/$n/metrics.csv && "                                       \
  "cmp $f/$(cat $f/latest) $2/runs/$n/$(cat $2/runs/$n/latest) || return 1; done; }; "

#endif
