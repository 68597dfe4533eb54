# shellcheck shell=sh
# The job in a machine of its own, in the job's directory. Sourced by a program that has opened 4 (words to the launcher)
# and 5 (the log), made the pipes `log` and `events`, and has `tool PROGRAM…`, `jail` and `next_word`, which sets $word.
# $services: names, and `service_port NUMBER NAME` prints where the log of each goes; unset: none.
# $typed: what the job's stdin is, /dev/null if unset. Tells `alive`, workspace HOW, start, note TEXT, logged BYTES, then exit N, unready TEXT or error TEXT; takes `stop` and `bye`.

say() {
  printf '%s\n' "$*" >&4
}

exec 6<>events
tool dd bs=65536 if=log 2>counted >&5 6>&- &
logger=$!
number=0 drains=''
for name in ${services-}; do
  number=$((number + 1))
  tool cat "services/$name" >"$(service_port "$number" "$name")" 4>&- 5>&- 6>&- &
  drains="$drains $!"
done

(
  echo 0 >/proc/self/oom_score_adj
  jail <"${typed:-/dev/null}" >log 2>&1 4>&- 5>&- 6>&- &
  jail=$!
  trap 'kill -TERM "$jail"' TERM
  wait "$jail"
  while kill -0 "$jail" 2>/dev/null; do wait "$jail"; done
  echo ended >&6
) &
job=$!

word=''
while next_word; do
  case $word in
    stop) kill -TERM "$job" ;;
    bye) leave ;;
  esac
done &
while tool sleep 5; do say alive; done &

last='error the job ended without a result' noted=''
while IFS= read -r line <&6; do
  case $line in
    "exit "* | "unready "* | "error "*) last=$line ;;
    ended) break ;;
    boot) ;;
    "note "*) noted=yes && say "$line" ;;
    *) say "$line" ;;
  esac
done
# Frees those that still wait for a first writer.
for name in ${services-}; do : 1<>"services/$name"; done
for drain in $drains; do wait "$drain"; done
wait "$logger" || last='error the log of the job could not be written'
[ -n "$noted" ] || [ "$(tool sed -n 's/^oom_kill //p' /proc/vmstat)" = 0 ] ||
  say "note out of memory: the machine's kernel ended a process of the job; give it more \`memory\`"
tool umount "$(tool readlink -f artifacts)" || tool sync
[ ! -d caches ] || tool umount "$(tool readlink -f caches)" || tool sync
say "logged $(tool sed -n 's/ bytes\{0,1\} .*//p' counted)"
say "$last"
