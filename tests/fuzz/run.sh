#!/bin/sh
# Fuzz targets with clang's libFuzzer and sanitizers; see docs/reliability.md.
#   tests/fuzz/run.sh build              configure and build the preset fuzz
#   tests/fuzz/run.sh TARGET N inputs    the seeds and then N inputs: the same ones each time
#   tests/fuzz/run.sh TARGET N seconds   whatever comes up in N seconds: to search for faults
# $MARL_BUILD/fuzz_seeds holds the seeds of the HDF5 readers (the test fuzz.seeds writes them) and
# $MARL_FUZZ_CORPUS, if set, the corpus to go on with. Exit code 77 without libFuzzer.
set -eu
cd "$(dirname "$0")/../.."
targets='fuzz_config fuzz_command fuzz_policy fuzz_checkpoint fuzz_reference fuzz_initial'

has_fuzzer() {
  probe=$(mktemp -d)
  echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' \
    >"$probe/p.c"
  clang -fsanitize=fuzzer,address "$probe/p.c" -o "$probe/p" 2>/dev/null
  found=$?
  rm -r "$probe"
  return $found
}

if [ "$1" = build ]; then
  if ! has_fuzzer; then
    echo "fuzz: clang with libFuzzer (Debian: clang, libclang-rt-14-dev) is not installed, skipped"
    exit 77
  fi
  cmake --preset fuzz >/dev/null
  # shellcheck disable=SC2086
  exec cmake --build --preset fuzz -j "$(nproc)" --target $targets
fi

target=$1
case $3 in
inputs) limit=-runs=$2 ;;
seconds) limit=-max_total_time=$2 ;;
*) echo "fuzz: '$3' is not inputs or seconds" >&2 && exit 2 ;;
esac
program=build/fuzz/fuzz_$target
if [ ! -x "$program" ]; then
  echo "fuzz: $program is not built, skipped"
  exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
corpus=${MARL_FUZZ_CORPUS:-$scratch/corpus}
mkdir -p "$corpus" "$scratch/seeds"
case $target in
config) find configs -name '*.yaml' | while read -r f; do cp "$f" "$scratch/seeds/$(echo "$f" | tr / _)"; done ;;
command) cp tests/fuzz/corpus/command/* "$scratch/seeds" ;;
*) cp "${MARL_BUILD:-build/release}/fuzz_seeds/$target"/* "$scratch/seeds" ;;
esac
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:malloc_limit_mb=0
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p build/fuzz/findings
# a memory that is asked for and not touched is no fault; a file that takes 20 s is
"$program" "$limit" -seed="${MARL_FUZZ_SEED:-1}" -max_len=262144 -timeout=20 -rss_limit_mb=4096 -malloc_limit_mb=8192 \
  -detect_leaks=0 -print_final_stats=1 -artifact_prefix=build/fuzz/findings/"$target"- \
  "$corpus" "$scratch/seeds" 2>"$scratch/log" || {
  grep -m1 -A20 'ERROR: ' "$scratch/log" # where it was; a deep stack would hide it
  tail -20 "$scratch/log"
  exit 1
}
grep -E '^stat::|DONE' "$scratch/log" | tail -8
