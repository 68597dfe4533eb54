# shellcheck shell=sh
# Verdicts that clients share: verdicts/<key>/<name>, an envelope each, written once; docs/shared-verdicts.md. The host looks into
# none of them: each client judges for itself.
: "${work_dir:?}" "${share_dir:?}" "${in_group:?}"

# The most of one document that is told, and one byte, by which a client sees that it is too long; of one key, the newest few.
told_bytes=65537 told_names=8

# tell_verdicts KEY…: a frame `verdicts`: of each document a line KEY NAME BYTES, then the bytes and a newline.
tell_verdicts() {
  told=$work_dir/tmp/verdicts-$$
  { for key; do tell_key "$key"; done >"$told"; } 2>/dev/null
  printf 'verdicts %d\n' "$(stat -c %s -- "$told")"
  cat -- "$told"
  rm -f -- "$told" "$told.one"
}

# tell_key KEY
tell_key() {
  is_digest "$1" && [ -d "$share_dir/verdicts/$1" ] || return 0
  [ "$in_group" = yes ] || mark_used "use-$1"
  names=0
  # shellcheck disable=SC2045  # names are digests
  for name in $(ls -1t "$share_dir/verdicts/$1"); do
    [ "$names" -lt "$told_names" ] || break
    is_digest "$name" || continue
    names=$((names + 1))
    document=$share_dir/verdicts/$1/$name
    [ -f "$document" ] || continue
    if [ -L "$document" ] || ! head -c "$told_bytes" -- "$document" >"$told.one"; then continue; fi
    # A frame has no more than 16 MiB.
    [ "$(($(stat -c %s -- "$told") + $(stat -c %s -- "$told.one")))" -lt 16000000 ] || return
    printf '%s %s %s\n' "$1" "$name" "$(stat -c %s -- "$told.one")"
    cat -- "$told.one"
    echo
  done
}
