#!/bin/sh
# The rules of the house that a compiler does not check.
#   tools/check.sh         format, arrows, forbidden calls, lengths (seconds; the test tools.check)
#   tools/check.sh --tidy  clang-tidy alone (a minute; the test tools.tidy)
#   tools/check.sh --all   both, self-contained headers, gcc and clang builds (minutes)
# What is not installed is skipped and named. Exit code 1 if any rule is broken, 77 if nothing
# could be checked.
set -u
cd "$(dirname "$0")/.."
broken=$(mktemp)
trap 'rm -f "$broken"' EXIT

complain() { # what, then the offenders on standard input
  offenders=$(cat)
  [ -z "$offenders" ] && return 0
  echo "check: $1"
  echo "$offenders" | sed 's/^/  /'
  echo "$1" >>"$broken" # a pipe's last command is a process of its own: a variable would be lost
}

sources() { find marl physics theory envs cli tests benchmarks docs -name '*.[ch]' 2>/dev/null | sort; }
below_cli() { find marl physics theory envs -name '*.[ch]' | sort; }

check_format() {
  formatter=$(command -v clang-format-14) || {
    echo "check: clang-format-14 is not installed, format skipped"
    return 0
  }
  sources | xargs "$formatter" --dry-run 2>&1 | grep 'warning:' | cut -d: -f1 | sort -u |
    complain "not formatted, run clang-format-14 -i:"
}

# includes FOLDER ALLOWED: the project's headers that FOLDER includes against the arrows
includes() {
  grep -rnE '^#include "' "$1" --include='*.[ch]' | grep -vE "#include \"($2)/" ||
    true
}
check_arrows() {
  {
    includes marl/core 'marl/core' | grep -v marl_build_info.h
    includes marl/run 'marl/(run|core)'
    includes marl/nn 'marl/(nn|core)'
    includes marl/learn 'marl/(learn|nn|run|core)'
    includes physics 'physics|marl/(run|core)'
    includes theory 'theory|marl/core'
    includes envs 'envs|physics|theory|marl/(compare|learn|nn|run|core)'
    includes marl/compare 'marl/(compare|learn|nn|run|core)'
    includes envs/game 'envs/game|theory|marl/(learn|core)'
    includes envs/society 'envs/(society|game)|theory|marl/(compare|learn|nn|core)'
    for folder in group grid iterated lattice; do
      includes envs/$folder "envs/($folder|game)|theory|marl/(compare|learn|nn|run|core)"
    done
    includes envs/turbulence 'envs/turbulence|physics|marl/(learn|nn|run|core)'
    includes envs/control 'envs/control|marl/(learn|core)'
    includes envs/binding 'envs/binding|marl/(learn|run|core)' | grep -v '"envs/env_table.h"'
    includes cli 'cli|envs|physics|theory|marl/(compare|learn|nn|run|core)'
  } | complain "an include against the arrows:"
}

# Circles between files. A file is its .c and .h, with its _internal.h; that it uses a part of its own
# (solver.c, solver_flow.h) is no arrow, that the part uses the whole is one.
check_circles() {
  find marl physics theory envs cli -name '*.[ch]' | sort | xargs awk '
    FNR == 1 {file = FILENAME; sub(/\.[ch]$/, "", file); sub(/_internal$/, "", file)}
    /^#include "/ {
      split($0, part, "\""); other = part[2]
      sub(/\.h$/, "", other); sub(/_internal$/, "", other)
      if (other != file && index(other, file "_") != 1) print file, other
    }' | tsort 2>&1 >/dev/null | sed 's/^tsort: //' |
    grep -v 'contains a loop' |
    complain "files that need each other, each the next:"
}

# comments and strings are not code
code_of() { sed -E 's@//.*@@; s@"([^"\\]|\\.)*"@""@g; s@/\*.*\*/@@; /^ *\/?\*/d' "$1"; }

check_calls() {
  calls='(s?rand(_r)?|random|time|clock|exit|_exit|abort|getenv|setenv|printf|puts|putchar|system)'
  below_cli | while read -r file; do
    code_of "$file" | grep -nE "(^|[^A-Za-z0-9_])$calls\(" | sed "s@^@$file: @"
    # the log is the one module below cli/ that prints; the binding begins MPI, as a program does
    [ "$file" = marl/core/log.c ] || [ "$file" = envs/binding/library.c ] ||
      code_of "$file" | grep -nE '\b(stderr|stdout|MPI_COMM_WORLD)\b' | sed "s@^@$file: @"
  done | complain "not allowed below cli/ (line numbers are without comments):"
  # a result says where it comes from: whoever creates a file writes its provenance
  grep -rn 'marl_store_create(' marl physics theory envs cli --include='*.c' |
    grep -vE '^marl/(core/store|run/)' | complain "a file without provenance (marl/run/folder.h):"
  { below_cli; find cli -name '*.[ch]' | sort; } | while read -r file; do
    code_of "$file" | grep -E '^ *static [^(]*(;|=)' | grep -vE 'const\b' |
      grep -vE 'volatile sig_atomic_t|static (double seconds_in_messages|SharedFile \*files|MarlArguments arguments);' | sed "s@^@$file: @"
  done | complain "static mutable state:"
  sources | xargs grep -nE '\b(TODO|FIXME|XXX)\b' | complain "unfinished:"
}

# An option that the page of options does not have is in a table that no command or kind shows. The page
# is the output of `marl list --markdown`.
check_options() {
  documented=$(mktemp)
  sed -nE 's/^\| `([a-z]+\.)?([a-z0-9_]+)`.*/\2/p' docs/configuration.md | sort -u >"$documented"
  find marl physics theory envs cli -name '*.[ch]' | xargs cat | tr '\n\\' '  ' |
    grep -oE '\{ *"[a-z0-9_]+", *MARL_OPTION_' | grep -oE '"[a-z0-9_]+"' | tr -d '"' | sort -u |
    comm -23 - "$documented" |
    complain "options that docs/configuration.md does not have (marl list --markdown >it):"
  rm -f "$documented"
}

# What a run or a broken test leaves behind is committed by accident (git commit -a).
check_data() {
  git ls-files '*.h5' '*.csv' '*.npy' 2>/dev/null | grep -vE '^(configs|docs|tests|python|benchmarks)/' |
    complain "a data file outside of the folders for data:"
}

check_lengths() {
  sources | xargs wc -l | awk '$2 != "total" && $1 > 400 {print $2 ": " $1 " lines, at most 400"}' |
    complain "too long a file:"
  # a function begins in column 0 with its return type and ends with a brace in column 0
  sources | grep '\.c$' | xargs awk '
    FNR == 1 {start = 0}
    /^[A-Za-z_].*\(/ && !/;$/ {start = FNR; name = $0; sub(/\(.*/, "", name)}
    /^}/ {
      if (start && FNR - start + 1 > 60)
        print FILENAME ":" start ": " name ": " FNR - start + 1 " lines, at most 60"
      start = 0
    }' | complain "too long a function:"
}

check_headers() {
  compiler=$(command -v mpicc) || {
    echo "check: mpicc is not installed, headers skipped"
    return 0
  }
  flags="-std=c11 -fsyntax-only -Wall -Wextra -I. $(pkg-config --cflags fftw3 hdf5-openmpi 2>/dev/null)"
  find marl physics theory envs cli -name '*.h' | sort | while read -r header; do
    # shellcheck disable=SC2086
    echo "#include \"$header\"" | "$compiler" $flags -x c - >/dev/null 2>&1 || echo "$header"
  done | complain "a header that does not compile alone:"
}

check_tidy() {
  tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || {
    echo "check: clang-tidy is not installed, skipped"
    return 77
  }
  command -v clang >/dev/null || {
    echo "check: clang is not installed, clang-tidy skipped"
    return 77
  }
  cmake --preset clang >/dev/null || return 1
  cmake --build --preset clang --target marl_core_build_info >/dev/null
  find marl physics theory envs cli tests benchmarks -name '*.c' | sort |
    xargs -P "$(nproc)" -n 1 "$tidy" -p build/clang --quiet 2>/dev/null | grep -E 'error:|warning:' |
    sort -u | complain "clang-tidy:"
}

check_builds() {
  for preset in release clang; do
    { cmake --preset $preset && cmake --build --preset $preset -j "$(nproc)"; } >build/check.log 2>&1 ||
      grep -E 'error|warning' build/check.log | complain "preset $preset does not build:"
  done
}

if [ "${1:-}" = --tidy ]; then
  check_tidy
  skipped=$?
  [ -s "$broken" ] && exit 1
  exit $skipped
fi
check_format
check_arrows
check_circles
check_calls
check_options
check_data
check_lengths
if [ "${1:-}" = --all ]; then
  check_headers
  check_builds
  check_tidy
fi
[ -s "$broken" ] && exit 1
echo "check: good"
