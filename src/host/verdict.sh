# shellcheck shell=sh
# shellcheck disable=SC2034  # the guard reads what is decided
# What the end of a job means, for the guard: $status, $message, $code, $signal, $timed_out; docs/guard.md.
: "${keep_s:=0}" "${content_hash:?}" "${boot_ms:?}" "${timeout_ms:?}" "${lease_ms:?}"

decide() {
  case $why in
    timeout-boot) status=timeout timed_out=true message="boot: the guest did not start its command within $((boot_ms / 1000)) s" ;;
    timeout-run) status=timeout timed_out=true message="run: the command ran past its timeout of $((timeout_ms / 1000)) s" ;;
    timeout-silence) status=timeout timed_out=true message="silence: the command said nothing for $((silence_ms / 1000)) s" ;;
    cancel) status=cancelled message="cancelled by the client" ;;
    gone) status=cancelled message="the client went away" ;;
    silent) status=cancelled message="nothing was heard of the client for $((lease_ms / 1000)) s" ;;
    *) decide_exit ;;
  esac
  case $log_status in
    0) ;;
    1) status=infra message="disk: the log could not be written: $(disk_use); free space there, or give the host another \`workDir\`" ;;
    137) status=infra message="host: the log was still held open 10 s after the guest had ended" ;;
    *) status=infra message="host: the program that writes the log ended with status $log_status" ;;
  esac
}

# count_oom_kills FILE: how many processes the kernel has ended for lack of memory, from a /proc/vmstat; empty where an
# older one does not say.
count_oom_kills() {
  sed -n 's/^oom_kill \([0-9]*\)$/\1/p' "$1" 2>/dev/null
}

# ask_memory BEFORE NOW: $memory is what the kernel's count says, for the end of a message: empty when it did not grow.
ask_memory() {
  memory='' ended=''
  { [ -n "$1" ] && [ -n "$2" ]; } || return 0
  ended=$(($2 - $1))
  case $ended in
    0) return 0 ;;
    1) ended="1 process" ;;
    *) ended="$ended processes" ;;
  esac
  memory="; memory? the host's kernel ended $ended for lack of it meanwhile"
}

# was_killed: the guest's first process, by KILL. util-linux 2.38 has an error of its own for that, and exit 1.
was_killed() {
  [ "$guest_status" = 137 ] || grep -q '^unshare: sigprocmask unblock failed' unshare-errors
}

# The kernel counts all of the machine, so its count explains a verdict and decides none.
decide_exit() {
  ask_memory "${oom_kills-}" "$(count_oom_kills /proc/vmstat)"
  # What a host can do is looked at again (works.sh).
  [ -n "$exit_status${unready-}" ] || rm -f -- "$work_dir/etc/works"
  if [ -n "$runner_error" ]; then
    message="host: $runner_error$memory"
  elif [ -n "${unready-}" ]; then
    # The command was not started, so there is no exit code.
    status=failed message=$unready
  elif [ -z "$exit_status" ] && was_killed; then
    if [ -z "$ended" ]; then
      memory="; memory? the host's kernel does not say"
    elif [ -z "$memory" ]; then
      memory=" from outside, and not for lack of memory"
    fi
    message="host: the guest was killed$memory"
  elif [ -z "$exit_status" ]; then
    said=$(tail -n 1 unshare-errors)
    message="host: the runner ended without a result (status $guest_status)${said:+: $said}"
  elif [ "$exit_status" = 0 ]; then
    status=passed code=0 message="exit 0"
  else
    status=failed code=$exit_status message="exit $exit_status"
    if [ "$exit_status" -gt 128 ] && name=$(kill -l "$((exit_status - 128))" 2>/dev/null); then
      signal="\"$name\"" message="ended by signal $name (exit $exit_status)"
    fi
    if [ -n "$runner_note" ]; then message="$message; $runner_note"; else message=$message$memory; fi
  fi
}

# keep_failed: what a failed job leaves stays for a while (kept.sh); $kept is until when, or empty.
keep_failed() {
  kept=''
  case $keep_s-$status in 0-* | *-passed | *-flaky | *-cancelled | *-infra) return ;; esac
  kept=$(($(date +%s) + keep_s))
  { printf '%s\nsnapshots/%s\n' "$kept" "$content_hash" && printf '%s\n' "$needs" | sed -n 's,^.*=,artifacts/,p'; } >kept || kept=''
} 2>/dev/null
