#!/bin/sh
# Adds recipes to a source tree: sh docs/recipes/add.sh TREE [RECIPE.c ...], all of this folder without names.
# The first line of a recipe says what its file is called there and which line goes into which table.
set -eu
here=$(dirname "$0")
tree=$1
shift
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.c | grep -v program.c)
for recipe in "$@"; do
  first=$(head -n 1 "$here/$recipe")
  file=$(echo "$first" | sed -n 's|^/\* recipe: \([^,]*\), .*|\1|p')
  line=$(echo "$first" | sed -n 's|.*, \(ENTRY([a-z0-9_]*)\) in .*|\1|p')
  table=$(echo "$first" | sed -n 's|.* in \([^ ]*\) \*/$|\1|p')
  [ -n "$file" ] && [ -n "$line" ] && [ -n "$table" ] || { echo "$recipe: what does its first line say?" >&2; exit 1; }
  sed 1d "$here/$recipe" >"$tree/$file"
  grep -q '^#define TABLE(ENTRY)' "$tree/$table" || { echo "$table has no TABLE" >&2; exit 1; }
  awk -v line="  $line" '/^#define TABLE\(ENTRY\)/ { inside = 1 }
    inside && !/\\$/ { print $0 " \\"; print line; inside = 0; next }
    { print }' "$tree/$table" >"$tree/$table.new"
  mv "$tree/$table.new" "$tree/$table"
  echo "$file, $line in $table"
done
