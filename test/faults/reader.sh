#!/bin/sh
# A reader on the host: reader.sh WORK_DIR EXPECTED FLAG. While FLAG exists, looks at every directory in
# WORK_DIR/snapshots again and again, and that none goes away. EXPECTED holds one file a content hash: what the listing and the manifest are.
# Says a line for each thing that is wrong, and in the end how often it looked and how many snapshots it saw.
# Without FLAG: describes the snapshots there into EXPECTED.
work_dir=$1 expected=$2 flag=${3:-}
export LC_ALL=C
describe() {
  (cd "$1" && find snapshot \( -type d -printf '%p d %m %T@\0' -o -type l -printf '%p l %l\0' \
    -o -printf '%p %y %m %s %T@\0' \) | sort -z | sha256sum && sha256sum <manifest)
}
if [ -z "$flag" ]; then
  mkdir -p "$expected"
  for dir in "$work_dir"/snapshots/*; do describe "$dir" >"$expected/${dir##*/}"; done
  exit
fi
looks=0 seen=0 known=''
look() {
  # shellcheck disable=SC2012  # the names are told, not used
  names=$(ls -A "$1" | tr '\n' ' ')
  [ "$names" = 'B3SUMS manifest pikaci-snapshot.json snapshot ' ] || echo "wrong: $1 holds $names"
  [ "$(describe "$1")" = "$(cat "$expected/${1##*/}")" ] || echo "wrong: $1 is not complete"
  grep -q "\"content_hash\": *\"${1##*/}\"" "$1/pikaci-snapshot.json" || echo "wrong: metadata of $1"
  (cd "$1/snapshot" && b3sum --check --quiet ../B3SUMS 2>&1) | sed "s|^|wrong: $1: |"
}
while [ -e "$flag" ]; do
  looks=$((looks + 1))
  for dir in $known; do [ -e "$dir" ] || echo "wrong: $dir is gone"; done
  known=''
  for dir in "$work_dir"/snapshots/*; do
    [ -e "$dir" ] || continue
    known="$known $dir"
    seen=$((seen + 1))
    look "$dir"
  done
  sleep 0.03
done
echo "looked $looks times, saw $seen"
