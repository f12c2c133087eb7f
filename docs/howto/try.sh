#!/bin/sh
# Does what a page says, in the working folder: sh try.sh PAGE.md. MARL is the program. Exit code 77, with a
# word, where the page needs what is not there.
#   ```LANGUAGE FILE   the file FILE is written
#   ```sh              the commands run; one that fails ends all
#   ```console         after "$ COMMAND", what it says has these lines in it; it may fail
#   <!-- needs: COMMAND -->       without it the page is skipped
#   <!-- short: WORDS -->         further words for `marl train` and its like in the next block
#   <!-- instead: TEXT => TEXT --> in the next block
set -eu
page=$1
awk '
  function flush() { short = ""; from = "" }
  /^<!-- needs: / { sub(/^<!-- needs: /, ""); sub(/ -->$/, "")
    printf "{ %s; } >.said 2>&1 || { echo \"skipped, this fails: %s\"; exit 77; }\n", $0, gensub_quotes($0); next }
  /^<!-- short: / { sub(/^<!-- short: /, ""); sub(/ -->$/, ""); short = $0; next }
  /^<!-- instead: / { sub(/^<!-- instead: /, ""); sub(/ -->$/, ""); split($0, part, " => "); from = part[1]; to = part[2]; next }
  function gensub_quotes(text) { gsub(/"/, "\\\"", text); return text }
  function other(line,   at) {
    while (from != "" && (at = index(line, from)) > 0)
      line = substr(line, 1, at - 1) to substr(line, at + length(from))
    return line
  }
  /^```/ && mode != "" {
    if (mode == "file" || said) print "END_OF_TEXT"
    mode = ""; said = 0; flush(); next
  }
  /^```sh$/ { mode = "sh"; printf "SHORT=\"%s\"\n", short; next }
  /^```console$/ { mode = "console"; next }
  /^```[a-z]+ [^ ]+$/ { mode = "file"; printf "cat >%s <<\"END_OF_TEXT\"\n", $2; next }
  /^```/ { mode = "text"; next }
  mode == "console" && /^\$ / {
    if (said) print "END_OF_TEXT"
    said = 1
    printf "{ %s\n} >.said 2>&1 || true\nsays <<\"END_OF_TEXT\"\n", other(substr($0, 3)); next
  }
  mode != "" && mode != "text" { print other($0) }
' "$page" >.page
cat >.script <<'EOF2'
set -eu
marl() {
  case $1 in
    train | sweep | simulate | compare | evaluate | reference | lattice | tune) "$MARL" "$@" $SHORT ;;
    *) "$MARL" "$@" ;;
  esac
}
says() {
  while IFS= read -r line; do
    grep -qF -e "$line" .said || { echo "instead of: $line"; cat .said; exit 1; }
  done
}
SHORT=
EOF2
cat .page >>.script
exec sh .script
