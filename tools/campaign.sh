#!/bin/sh
# Kills every command that has a run folder, again and again, and asks whether the result has the bits of an
# undisturbed run:
#   tools/campaign.sh PROGRAM [TRIALS] [SEED] [FOLDER]
#   tools/slurm_cluster.sh 3 tools/campaign.sh PROGRAM [TRIALS] [SEED] [FOLDER]
# A trial is a command on 1, 2, 4 or 8 ranks with one harm, and then the same line until it is done, on other
# numbers of ranks:
#   clock    SIGKILL to one rank after a random part of the time that the run takes
#   file     SIGKILL to rank 0 as it enters its Nth operation on a file that changes something (strace)
#   damage   clock, and then a random byte of a random HDF5 file in the folder is another one
#   full     the run's disk (a small tmpfs) is full at a random point; later it is larger
#   network  of a job on two nodes of a Slurm cluster, the only kind there: one node falls off the network at a
#            random time; Slurm finds that out by itself and starts the job again on the nodes that are left;
#            then the node is back, with whatever still ran on it
# Half of the trials outside of a cluster are of kind `file`. `full` needs the right to mount, `file` strace; without it they are
# trials of kind clock. Prints a line a trial and a table; code 1 if any result differs.
set -u
marl=$(realpath "$1") trials=${2:-200} seed=${3:-1} folder=${4:-$(mktemp -d)}
mkdir -p "$folder" && cd "$folder" || exit 2
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
  OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1
commands="train sweep compare lattice simulate reference evaluate tune"
anywhere=rename,unlink,link,mkdir,pwrite64,fsync,ftruncate
by_name=openat,write,rename,unlink,link,fsync,ftruncate
names="config.yaml.part config.yaml provenance.jsonl log.txt latest.tmp latest metrics.csv metrics.csv.tmp series.csv
  summary.csv.part runs.csv.part sweep.csv.part scores.csv.part tune.csv.part .lock-1 .lock-2 .lock-3"

cat >train.yaml <<'END'
run: {updates: 300, shards: 8, checkpoint_every: 20, frame_seconds: 0}
env: {name: lqr, num_envs: 8}
learner: {name: ppo, horizon: 16}
policy: {hidden: [8]}
END
cat >sweep.yaml <<'END'
run: {updates: 30, shards: 4, checkpoint_every: 10, frame_seconds: 0}
env: {name: lqr, num_envs: 4, max_steps: 4}
learner: {name: ppo, horizon: 8, epochs: 1, minibatches: 1}
policy: {hidden: []}
sweep: {over: ["learner.learning_rate = 1e-4..1e-2 log"], sampler: sobol, points: 8, halving: 2}
END
cat >compare.yaml <<'END'
env: {name: dilemma, cycles: 400}
learner: {name: tabular_q}
compare: {mechanisms: [none, DP], visibility: [hidden, published], seeds: 3, tail: 100, checkpoint_minutes: 0.003}
END
cat >lattice.yaml <<'END'
run: {checkpoint_every: 5, frame_seconds: 0}
env: {side: 32, cycles: 60, steps: 100}
END
cat >simulate.yaml <<'END'
grid: {n: 16}
flow: {reynolds: 200}
time: {dt: 4e-3, end: 40}
output: {series_every: 0.1, fields_every: 10, checkpoint_every: 2}
END
cat >reference.yaml <<'END'
grid: {n: 32}
flow: {reynolds: 2000}
integrator: {name: ifrk4, cfl: 0.9}
time: {dt: 1e-2, spinup: 2, end: 12}
statistics: {sizes: [16]}
output: {statistics_every: 0.5, checkpoint_every: 0.5}
reference: {coarse_n: 16, coarse_time: 4, initial_sizes: [16], initial_samples: 4}
END
cat >evaluate.yaml <<'END'
evaluate: {reference: given.h5, closures: [none, leith, smagorinsky], resolution: 16,
  dt: 1e-3, spinup: 1, time: 2, sample_every: 0.1, block: 1}
END
cat >tune.yaml <<'END'
evaluate: {reference: given.h5, resolution: 16, dt: 1e-3, spinup: 1, sample_every: 0.1, block: 1}
tune: {evaluations: 3, repeats: 2, spinup: 0.5, time: 2, judge_time: 2}
END

now() { date +%s.%N; }
calculate() { awk "BEGIN { print $1 }"; }
# random LOW HIGH: a whole number, the next of a sequence that the seed fixes
count=0
random() {
  count=$((count + 1))
  drawn=$(awk -v s="$seed" -v n="$count" -v a="$1" -v b="$2" \
    'BEGIN { srand(s * 1000003 + n); rand(); print a + int(rand() * (b - a + 1)) }')
}

# What must be the same: all tables and HDF5 files, but for the speed of this machine and for checkpoints
# before the last one.
results() { # FOLDER
  (cd "$1" && find . \( -name '*.csv' -o -name '*.h5' \) ! -name frame.h5 ! -name scores.h5 ! -path './jobs/*' |
    sort | while read -r file; do
    case $file in
      */checkpoint_*) [ "$(cat "$(dirname "$file")/latest")" = "$(basename "$file")" ] || continue ;;
    esac
    case $file in
      *.csv) awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i ~ /steps_per_second/) s = i }
               s { $s = "" } { print }' "$file" | cksum | sed "s@\$@ $file@" ;;
      *) cksum "$file" ;;
    esac
  done)
}

run() { # COMMAND FOLDER RANKS: in the foreground; code 124 if it does not end
  timeout -k 5 240 "$marl" "$1" "$1.yaml" --out "$2" --continue --quiet -n "$3" >.out 2>.err
}

kill_at_a_time() { # COMMAND FOLDER RANKS SECONDS
  "$marl" "$1" "$1.yaml" --out "$2" --continue --quiet -n "$3" >.out 2>.err & started=$!
  sleep "$4"
  if [ "$3" = 1 ]; then kill -9 $started 2>/dev/null
  else # a child of the launcher, which is the program's
    set -- $(pgrep -P "$(pgrep -P $started || echo none)" 2>/dev/null)
    random 1 $(($# > 0 ? $# : 1))
    shift $((drawn <= $# ? drawn - 1 : 0))
    [ $# -gt 0 ] && kill -9 "$1" 2>/dev/null
  fi
  wait $started 2>/dev/null || hit=1
}

# Any operation that changes a file, those of MPI and HDF5 among them, or one on a file of this name.
kill_at_an_operation() { # COMMAND FOLDER RANKS NUMBER
  calls=$anywhere only=
  if [ $(($4 % 2)) = 0 ]; then
    calls=$by_name
    for name in $names; do only="$only -P $2/$name"; done
  fi
  rm -f .trace
  export marl calls only
  # An mpirun (OpenMPI 4.1) of which a rank is killed in MPI_Init may wait for ever for ranks that have ended;
  # the program's own -n, which has no place for strace, watches for that.
  timeout -s KILL 90 mpirun -n "$3" sh -c 'if [ "$OMPI_COMM_WORLD_RANK" = 0 ]; then
      exec strace -qq -o .trace -e trace=$calls -e inject=$calls:signal=KILL:when='"$4"' $only \
        "$marl" "$0" "$0.yaml" --out "$1" --continue --quiet
    else exec "$marl" "$0" "$0.yaml" --out "$1" --continue --quiet; fi' "$1" "$2" >.out 2>.err || hit=1
}

# A byte of any file; nobody may read it again, so that what it was in counts as told if a reader tells.
damage() { # FOLDER
  file=$(find "$1" -name '*.h5' ! -name frame.h5 | sort | awk -v s="$seed" -v n="$count" \
    '{ f[NR] = $0 } END { srand(s + n); rand(); if (NR) print f[1 + int(rand() * NR)] }')
  [ -n "$file" ] || return
  random 0 $(($(stat -c %s "$file") - 1))
  old=$(od -An -tu1 -j "$drawn" -N 1 "$file" | tr -d ' ')
  printf "\\$(printf %o $((old ^ 255)))" | dd of="$file" bs=1 seek="$drawn" conv=notrunc 2>/dev/null && hit=1
}

# The line again until it is done; a message about a damaged file that is all there is of a run is an answer.
finish() { # COMMAND FOLDER
  for try in 1 2 3 4 5; do
    random 0 3
    run "$1" "$2" $((1 << drawn)) && return 0
    grep -q -e 'checksum' -e 'no checkpoint to resume from' .err && return 1
  done
  return 2
}

# A job on two nodes; a node of it is cut off. Slurm takes it for lost after SlurmdTimeout, and starts the job
# again, with a delay that is waived here. Ends when the job has ended and the node is back.
cut_a_node() { # COMMAND FOLDER SECONDS
  cat >job.sh <<END
#!/bin/sh
#SBATCH --nodes=2 --ntasks=2 --requeue --open-mode=append --output=job.out
exec "$marl" $1 $1.yaml --out $2 --continue --quiet -n 2
END
  : >job.out
  job=$(sbatch --parsable job.sh) || return 1
  for wait in $(seq 300); do
    [ -f "$2/config.yaml" ] && break
    sleep 0.1
  done
  sleep "$3"
  nodes=$(squeue -h -j "$job" -t RUNNING -o %N)
  random 0 1
  which=$(scontrol show hostnames "$nodes" 2>/dev/null | sed -n "$((drawn + 1))s/^n//p")
  [ -n "$which" ] && slurm_node cut "$which" && hit=1
  for wait in $(seq 2400); do
    state=$(scontrol show job "$job" | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p')
    case $state in COMPLETED | FAILED) break ;; esac
    [ "$state" = PENDING ] && sleep 2 && scontrol update jobid="$job" starttime=now 2>/dev/null
    sleep 0.5
  done
  [ -z "$which" ] || slurm_node mend "$which"
  for wait in $(seq 300); do
    [ "$(sinfo -h -N -t idle -o %N | sort -u | wc -l)" = "$(sinfo -h -N -o %N | sort -u | wc -l)" ] && break
    sleep 0.2
  done
  cp job.out .err
  restarts=$((restarts + $(scontrol show job "$job" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p')))
  [ "$state" = COMPLETED ]
}

for command in $commands; do
  began=$(now)
  run $command whole/$command 1 || { echo "campaign: $command: $(cat .err)"; exit 2; }
  eval "seconds_$command=$(calculate "$(now) - $began")"
  results whole/$command >whole/$command.sums
  [ $command = reference ] && cp whole/reference/reference.h5 given.h5
done
can_trace=no can_mount=no
strace -qq -o /dev/null true 2>/dev/null && can_trace=yes
mkdir -p disk && mount -t tmpfs -o size=1m campaign disk 2>/dev/null && can_mount=yes && umount disk

: >trials.txt
trial=0 restarts=0
while [ $trial -lt "$trials" ]; do
  trial=$((trial + 1))
  set -- $commands
  shift $((trial % $#))
  command=$1
  eval "seconds=\$seconds_$command"
  random 0 3 && ranks=$((1 << drawn))
  kind=file
  if [ $(((trial / 8 + trial) % 2)) = 1 ]; then
    random 1 4
    case $drawn in 3) kind=damage ;; 4) kind=full ;; *) kind=clock ;; esac
  fi
  [ $kind = file ] && [ $can_trace = no ] && kind=clock
  [ $kind = full ] && [ $can_mount = no ] && kind=clock
  [ -n "${SLURM_CLUSTER:-}" ] && kind=network ranks=2
  rm -rf cut && mkdir cut
  hit=0 file=
  out=cut/$command
  random 0 1000
  moment=$(calculate "$drawn / 1000 * $seconds")
  case $kind in
    network) cut_a_node $command $out "$moment" ;;
    clock) kill_at_a_time $command $out $ranks "$moment" ;;
    damage) # of a run that is not done: the damage of a result is told by whoever reads it
      kill_at_a_time $command $out $ranks "$moment"
      if [ $hit = 1 ]; then hit=0; [ -d $out ] && damage $out; fi ;;
    file) random 1 60; kill_at_an_operation $command $out $ranks "$drawn" ;;
    full)
      mount -t tmpfs -o size="$(($(du -sk whole/$command | cut -f 1) * (drawn + 1) / 1000 + 4))"k campaign cut
      run $command $out $ranks || hit=1
      mount -o remount,size=100m cut ;;
  esac
  finish $command $out
  case $? in
    0) results $out >cut.sums
      verdict=DIFFERS
      if cmp -s cut.sums whole/$command.sums; then verdict=same
      elif [ $kind = damage ] && [ "$(diff cut.sums whole/$command.sums | grep -c '^<')" = 1 ] &&
        ! "$marl" info "$file" >.out 2>&1 && grep -q checksum .out; then verdict=told; fi ;;
    1) verdict=told; [ $kind = damage ] || verdict=STUCK ;;
    *) verdict=STUCK ;;
  esac
  [ $verdict = DIFFERS ] && diff cut.sums whole/$command.sums | sed 's/^/  /'
  [ $verdict = STUCK ] && sed 's/^/  /' .err
  echo "$trial $command ranks=$ranks $kind hit=$hit $verdict" | tee -a trials.txt
  [ $kind = full ] && umount cut
done

echo
awk '{ split($5, h, "="); n[$4]++; hit[$4] += h[2]; v[$4, $6]++ }
  END { printf "%-8s %6s %6s %6s %6s %8s %6s\n", "harm", "trials", "hit", "same", "told", "differs", "stuck"
    for (k in n) printf "%-8s %6d %6d %6d %6d %8d %6d\n", k, n[k], hit[k], v[k, "same"], v[k, "told"], v[k, "DIFFERS"],
      v[k, "STUCK"] }' trials.txt
[ $restarts = 0 ] || echo "Slurm has started jobs again: $restarts"
! grep -q -e DIFFERS -e STUCK trials.txt
