# shellcheck shell=sh
# Tells which outputs Nix did not build, with what the client needs to judge whose fault that is; docs/prepare.md. Comes
# after nix.sh; prepare.sh has `each`, `ask_output` and `write_record`.
: "${work_dir:?}"

sent_logs=''

# Other outputs than those that could not be built are there. A log that names no derivation is of an evaluation.
settle_failed() {
  mv "$stage/log" "$stage/build"
  found_unbuilt=''
  if ! grep -q '\.drv' "$stage/build" || ! each settle_one "$missed"; then
    mv "$stage/build" "$stage/log"
    nix_failed
  fi
  [ -n "$found_unbuilt" ] || return 0
  tell_failures "$stage/build"
  for one in $found_unbuilt; do
    key=${one%%|*} one=${one#*|}
    tell_unbuilt "$key" "${one%|*}" "${one#*|}"
    unbuilt="$unbuilt $key"
  done
}

settle_one() {
  ask_output || return 1
  if is_in_store "$path"; then
    write_record
  else
    found_unbuilt="$found_unbuilt $key|$derivation|$path"
  fi
}

# tell_failures LOG: Nix's errors and the builders that it started; $stage/accused are the derivations of the errors.
tell_failures() {
  { grep -F '"action":"msg"' "$1" | grep -F '"level":0'
    grep -F '"action":"start"' "$1" | grep -F '"type":105'; } >"$stage/failures"
  grep -F '"level":0' "$stage/failures" |
    grep -o '/nix/store/[0-9a-z]\{32\}-[0-9A-Za-z+._?=-]*\.drv' | sort -u >"$stage/accused"
  frame failures "$(tail -c 1000000 "$stage/failures")"
}

# tell_unbuilt KEY DERIVATION PATH: which of the accused it needs, dependencies first, itself last; each one's whole log.
tell_unbuilt() {
  named=$(nix-store --query --requisites "$2" 2>/dev/null | grep -Fx -f "$stage/accused" | grep -Fxv -- "$2")
  told=''
  for derivation in $named "$2"; do
    fixed=''
    head -c 4096 "$derivation" 2>/dev/null | grep -q '^Derive(\[("[^"]*","[^"]*","[^"]' && fixed=' fixed'
    told="$told$derivation$fixed
"
  done
  frame unbuilt "$1
$3
$told"
  for derivation in $named "$2"; do
    case " $sent_logs " in *" $derivation "*) continue ;; esac
    sent_logs="$sent_logs $derivation"
    send_build_log "$derivation"
  done
}

# send_build_log DERIVATION: as Nix kept it, which asks no substituter; of what is longer than 64 MiB, the end.
send_build_log() {
  nix-store --read-log "$1" 2>/dev/null | tail -c 67108864 >"$stage/read"
  left=$(stat -c %s -- "$stage/read")
  while [ "$left" -gt 0 ]; do
    part=$((left < 1048576 ? left : 1048576))
    printf 'build-log %d\n%s\n' $((${#1} + 1 + part)) "$1"
    head -c "$part" || exit 1
    left=$((left - part))
  done <"$stage/read"
}
