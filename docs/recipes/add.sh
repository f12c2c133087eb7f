#!/bin/sh
# Adds recipes to a source tree: sh docs/recipes/add.sh TREE [RECIPE ...], all of this folder without names.
# The first line of a recipe says what its file is called there and which line goes into which table; a plugin
# that is a line alone is in lines.txt.
set -eu
here=$(dirname "$0")
tree=$1
shift
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.c lines.txt | grep -v program.c)

add_line() { # LINE to the end of the table in FILE: a macro's entries, or an array's
  awk -v line="  $1" 'BEGIN { in_macro = line ~ /^ *ENTRY/ }
    /^#define [A-Z_]*\(ENTRY\)/ { inside = 1 }
    in_macro && inside && !/\\$/ { print $0 " \\"; print line; inside = 0; done = 1; next }
    !in_macro && !done && /^};/ { print "  " line; done = 1 }
    { print }
    END { exit !done }' "$tree/$2" >"$tree/$2.new" || { echo "$2 has no table for $1" >&2; exit 1; }
  mv "$tree/$2.new" "$tree/$2"
}

for recipe in "$@"; do
  if [ "$recipe" = lines.txt ]; then
    while IFS= read -r line; do
      add_line "${line#*: }" "${line%%: *}"
      echo "${line#*: } in ${line%%: *}"
    done <"$here/lines.txt"
    continue
  fi
  first=$(head -n 1 "$here/$recipe")
  file=$(echo "$first" | sed -n 's|^/\* recipe: \([^,]*\), .*|\1|p')
  line=$(echo "$first" | sed -n 's|.*, \(ENTRY([a-z0-9_]*)\) in .*|\1|p')
  table=$(echo "$first" | sed -n 's|.* in \([^ ]*\) \*/$|\1|p')
  [ -n "$file" ] && [ -n "$line" ] && [ -n "$table" ] || { echo "$recipe: what does its first line say?" >&2; exit 1; }
  sed 1d "$here/$recipe" >"$tree/$file"
  add_line "$line" "$table"
  echo "$file, $line in $table"
done
