#!/bin/sh
# A real Slurm cluster on one machine, for as long as a command runs.
#   tools/slurm_cluster.sh NODES COMMAND [ARGUMENTS]
#   tools/slurm_cluster.sh --why-not       says what is missing, code 77; 0 if nothing is
# COMMAND runs on the cluster's head, with SLURM_CONF set. In it:
#   slurm_node cut I | slurm_node mend I   node I falls off the network, or is back
#   slurm_node restart ctl                 the controller ends and is started again
#   slurm_node enter I COMMAND             as if logged in on node I
# Needs root and Debian's slurm-wlm, munge, iproute2, util-linux. Exit code: that of COMMAND.
#
# Everything lives in name spaces of its own (processes, mounts, network): when COMMAND ends, or this
# script is killed, daemons, networks and mounts are gone, and nothing of the machine was touched.
# Every node is a slurmd in a further network of its own, joined by a bridge, with a host name and a
# disk of its own (/var/tmp, 64 MiB); other folders are shared by all, as on a cluster's file system.
# $SLURM_CLUSTER is such a folder, in memory, for scratch.
set -eu

why_not() {
  for program in slurmctld slurmd sbatch munged ip unshare nsenter; do
    command -v "$program" >/dev/null 2>&1 || {
      echo "no $program: Debian's slurm-wlm, munge, iproute2 and util-linux are needed"
      return 77
    }
  done
  unshare --pid --fork --net --mount --uts sh -c 'ip link add marl type bridge' >/dev/null 2>&1 || {
    echo "name spaces with a network bridge cannot be made here (not root, or a closed container)"
    return 77
  }
}

die() {
  echo "slurm_cluster: $1" >&2
  exit 1
}

# slurm.conf of $2 nodes in folder $1. Two cores a node are claimed whatever the machine has.
write_configuration() {
  cat <<CONF
ClusterName=marl
SlurmctldHost=ctl(10.77.0.1)
AuthType=auth/munge
AuthInfo=socket=$1/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$1/state
SlurmdSpoolDir=$1/spool/%n
SlurmctldPidFile=$1/pid/ctl
SlurmdPidFile=$1/pid/%n
SlurmctldLogFile=$1/log/ctl
SlurmdLogFile=$1/log/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
JobRequeue=1
RequeueExit=75
SlurmdTimeout=10
KillWait=5
CompleteWait=0
InactiveLimit=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
CONF
  i=1
  while [ "$i" -le "$2" ]; do
    echo "NodeName=n$i NodeAddr=10.77.0.$((10 + i)) CPUs=2 RealMemory=2000 State=UNKNOWN"
    i=$((i + 1))
  done
  echo "PartitionName=main Nodes=ALL Default=YES MaxTime=60 PriorityTier=1 State=UP"
  echo "PartitionName=urgent Nodes=ALL MaxTime=60 PriorityTier=10 State=UP"
}

start_controller() { # folder
  SLURM_CONF=$1/slurm.conf unshare --uts sh -c 'hostname ctl; exec slurmctld -D' \
    >"$1/log/ctl.out" 2>&1 &
  echo $! >"$1/pid/controller"
}

start_node() { # folder, number
  mkdir -p "$1/spool/n$2"
  ip link add "v$2" type veth peer name e0
  unshare --net --uts --mount --propagation private sh -c "
    hostname n$2; ip link set lo up
    mount -t tmpfs -o size=64m disk /var/tmp
    while ! ip addr add 10.77.0.$((10 + $2))/24 dev e0 2>/dev/null; do sleep 0.05; done
    ip link set e0 up
    export TMPDIR=/var/tmp SLURM_CONF='$1/slurm.conf'
    exec slurmd -D -N n$2" >"$1/log/n$2.out" 2>&1 &
  echo $! >"$1/pid/shell$2"
  while [ "$(readlink /proc/$!/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
  ip link set e0 netns $!
  ip link set "v$2" master marl
  ip link set "v$2" up
}

wait_until_idle() { # nodes
  n=0
  while [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" -lt "$1" ]; do
    n=$((n + 1))
    [ $n -lt 300 ] || return 1
    sleep 0.1
  done
}

# In the name spaces: the first process. What it started ends with it.
head() { # folder, nodes, command ...
  folder=$1 nodes=$2
  shift 2
  mount --make-rprivate /
  mount -t proc proc /proc
  mount -t tmpfs -o size=512m cluster "$folder"
  hostname head
  ip link set lo up
  ip link add marl type bridge
  ip addr add 10.77.0.1/24 dev marl
  ip link set marl up
  mkdir -p "$folder"/state "$folder"/log "$folder"/pid "$folder"/bin
  dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 2>/dev/null
  chmod 400 "$folder/munge.key"
  munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/pid/munge" --log-file="$folder/log/munge" --seed-file="$folder/munge.seed" \
    --num-threads=2 2>"$folder/log/munge.err" || die "munged: $(cat "$folder/log/munge.err")"
  write_configuration "$folder" "$nodes" >"$folder/slurm.conf"
  echo 'CgroupPlugin=cgroup/v1' >"$folder/cgroup.conf"
  echo 'PMIxCliTmpDirBase=/var/tmp' >"$folder/mpi.conf"
  export SLURM_CONF="$folder/slurm.conf" SLURM_CLUSTER="$folder" PATH="$folder/bin:$PATH"
  printf '#!/bin/sh\nexec "%s" --node "$@"\n' "$script" >"$folder/bin/slurm_node"
  chmod +x "$folder/bin/slurm_node"
  start_controller "$folder"
  i=1
  while [ "$i" -le "$nodes" ]; do
    start_node "$folder" "$i"
    i=$((i + 1))
  done
  if ! wait_until_idle "$nodes"; then
    tail -n 5 "$folder"/log/* >&2
    die "the nodes did not come up"
  fi
  "$@"
}

node() { # what, which, command ...
  folder=$SLURM_CLUSTER
  what=$1 which=$2
  shift 2
  case $what-$which in
    cut-*) ip link set "v$which" down ;;
    mend-*) ip link set "v$which" up ;;
    restart-ctl)
      controller=$(cat "$folder/pid/ctl")
      kill "$controller"
      while kill -0 "$controller" 2>/dev/null; do sleep 0.1; done
      start_controller "$folder"
      ;;
    enter-*) nsenter --target "$(cat "$folder/pid/n$which")" --net --uts --mount -- "$@" ;;
    *) die "cut I, mend I, restart ctl or enter I COMMAND" ;;
  esac
}

script=$(readlink -f "$0")
case ${1:-} in
  --why-not) why_not ;;
  --node)
    shift
    node "$@"
    ;;
  --head)
    shift
    head "$@"
    ;;
  [1-9]*)
    why_not >&2 || exit 77
    folder=$(mktemp -d /tmp/slurm_cluster.XXXXXX)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 143' TERM INT HUP
    unshare --pid --fork --kill-child=KILL --mount --net --uts --ipc \
      "$script" --head "$folder" "$@" &
    child=$!
    trap 'kill "$child" 2>/dev/null; wait "$child"; exit 143' TERM INT HUP
    wait "$child"
    ;;
  *) die "usage: tools/slurm_cluster.sh NODES COMMAND [ARGUMENTS]" ;;
esac
