# shellcheck shell=sh
# Owns one job on the host: its directory, its PID namespace, its deadlines, its verdict; docs/guard.md.
# $secrets: `yes` when a document with them follows the others, and one with what is masked; both are held in memory alone.
# $input: `yes` for a shell: what the client types is the runner's stdin, and nothing is kept.
# $keep_s: how long what a failed job left is kept; $enter: `RUN/jobs/JOB` that left what this guest gets.
# $services: names, with a log each (service-logs.sh).
# $detached: `yes` for a job that no client keeps alive; $silence_ms: 0, or how long it may say nothing; $durable counts for
# what no client takes (lib/durable.sh).
: "${run_id:?}" "${job:?}" "${content_hash:?}" "${runner:?}" "${prepared?}"
: "${lease_ms:?}" "${boot_ms:?}" "${timeout_ms:?}" "${grace_ms:?}" "${artifact_bytes:?}"

secrets=${secrets:-no} secret_text='' mask_text=''
# $project: whose run this is, as JSON.
project=${project:-}
keep_s=${keep_s:-0} enter=${enter:-}
input=${input:-no} feeder='' log_pause=0.1 back_by=0
detached=${detached:-no} silence_ms=${silence_ms:-0}
known secrets yes no
known input yes no
known detached yes no
identifier run_id
job_name job
digest content_hash
number keep_s silence_ms lease_ms boot_ms timeout_ms grace_ms artifact_bytes
if [ "$detached" = yes ]; then is_detached=true; else is_detached=false; fi

# write_state STATE PHASE: what a later client, or a person, sees of this job.
write_state() {
  timestamp
  printf '{"schema_version":1,"run_id":"%s","job":"%s","state":"%s","phase":"%s","detached":%s,"guard_pid":%d,"updated_at":"%s"}\n' \
    "$run_id" "$job" "$1" "$2" "$is_detached" "$$" "$stamp" >state.json.new && mv -T state.json.new state.json
}

# disk_use: for messages.
disk_use() {
  df -hP . | { read -r _; read -r _ size used _ _ mount; printf '%s of %s used on %s' "$used" "$size" "$mount"; }
}

# Runs as the namespace's first process: starts the runner, passes TERM on, ends with the runner's status.
# shellcheck disable=SC2016
supervisor="exec 2>&1 $fd_alive>&-"'
  # Memory of this namespace, which nobody outside sees and which ends with it.
  if [ -d secrets ] && ! { mount -t tmpfs -o mode=0700,size=4m tmpfs secrets && cat >secrets/env; }; then
    echo "error cannot hold the secrets in memory" >>control
    exit 1
  fi
  show_caches || { echo "error cannot show the caches of the job" >>control; exit 1; }
  trap "kill -TERM \$child" TERM
  "$1/bin/microvm-run" <"$2" &
  child=$!
  wait "$child"; status=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
  trap "" TERM
  list_caches
  exit "$status"'

# feed_input: a client that types never waits for a guest that does not read; the file is between them.
feed_input() {
  stdin=input.pipe log_pause=0.02
  unlocked exec setpriv --pdeathsig KILL sh -c 'exec tail -f -s 0.05 -c +1 input >input.pipe' 2>/dev/null &
  feeder=$!
}

namespaces='--pid --mount --mount-proc'
[ "$uid" = 0 ] || namespaces="--user --map-root-user $namespaces"

# start_guest: becomes the supervisor; the job's secrets are its stdin.
start_guest() {
  # shellcheck disable=SC2086  # words
  without "$fd_caches $fd_run $fd_thing" exec env -i PATH="$PATH" LC_ALL=C PIKACI_RUN_ID="$run_id" PIKACI_JOB="$job" PIKACI_MARK="$mark" \
    setpriv --pdeathsig KILL unshare $namespaces --fork --kill-child=KILL \
    sh -c "$show_cache
$supervisor" guard-supervisor "$runner" "$stdin"
}

# count_cores: of the processors that are on, in $cores: the kernel lists them as 0-3,6.
count_cores() {
  cores=0
  { read -r online </sys/devices/system/cpu/online; } 2>/dev/null || online=0
  while [ -n "$online" ]; do
    range=${online%%,*}
    cores=$((cores + ${range#*-} - ${range%-*} + 1))
    online=${online#"$range"} online=${online#,}
  done
}

launch() {
  run_mark "$run_id"
  export PIKACI_MARK="$mark"
  # Before the text of secrets is forgotten.
  write_service_logs
  write_log
  stdin=/dev/null
  [ "$input" = no ] || feed_input
  if [ "$secrets" = yes ]; then
    printf '%s\n' "$secret_text" | start_guest >log.pipe 2>unshare-errors &
  else
    start_guest </dev/null >log.pipe 2>unshare-errors &
  fi
  guest=$!
  ! is_last || secret_text=''
  oom_kills=$(count_oom_kills /proc/vmstat)
  phase=boot init='' init_born='' stopping='' why=''
  centiseconds
  deadline=$((now + boot_ms / 10)) patient_at=$now
  count_cores
  said_bytes=0 said_at=$now next_look=$now
}

# watch_client: $client of this job. A detached one has none; whoever took it over (attach.sh) is it from then on.
# A client whose connection broke has 15 quiet seconds to come back, or the rest of its lease if that is shorter.
watch_client() {
  lease_check
  there=$client ends_at=$lease_end
  if [ "$detached" = yes ]; then
    there=alive ends_at=$((now + 1))
  elif [ -e attached ]; then
    { read -r _ beat there <attached; } 2>/dev/null || there=alive beat=$now
    case $beat in '' | *[!0-9]*) beat=0 ;; esac
    ends_at=$((beat + lease_ms / 10))
  elif [ "$client" = gone ] && lease_lost; then
    there=lost
  fi
  case $there in
    lost) [ "$back_by" != 0 ] || back_by=$((now + 1500)) patient_at=$now ;;
    *) back_by=0 ;;
  esac
  client=gone
  case $there in
    alive) client=alive; [ "$now" -lt "$ends_at" ] || client=silent ;;
    lost) [ "$now" -ge "$ends_at" ] || [ "$now" -ge "$back_by" ] || client=alive ;;
    silent | cancel) client=$there ;;
  esac
  [ ! -e cancel ] || client=cancel
}

# be_patient: for a guest that boots and a client that reconnects, only quiet seconds count: when twenty processes want two
# cores, a second counts for a tenth of one.
be_patient() {
  [ "$phase" = boot ] || [ "$back_by" != 0 ] || return 0
  read -r _ _ _ wanting _ </proc/loadavg
  wanting=${wanting%%/*} stolen=0
  [ "$wanting" -le "$cores" ] || stolen=$(((now - patient_at) * (wanting - cores) / wanting))
  [ "$phase" != boot ] || deadline=$((deadline + stolen))
  [ "$back_by" = 0 ] || back_by=$((back_by + stolen))
  patient_at=$now
}

# watch_log: ends a job that says nothing for too long; looks once a second.
watch_log() {
  { [ "$silence_ms" != 0 ] && [ "$phase" = run ] && [ "$now" -ge "$next_look" ]; } || return 0
  next_look=$((now + 100))
  size=$(stat -c %s log)
  [ "$size" = "$said_bytes" ] || said_bytes=$size said_at=$now
  [ "$now" -lt "$((said_at + silence_ms / 10))" ] || begin_stop timeout-silence "$grace_ms"
}

# init_lives: the namespace's first process is there; nothing outlives it in the namespace.
init_lives() {
  [ -n "$init" ] || return 1
  look_at "$init"
  [ -n "$born" ] && [ "$born" = "$init_born" ]
}

# The runner's last words in `control` decide the phase and hold the exit status; the first $past lines are those of earlier
# attempts.
past=0
read_control() {
  exit_status='' unready='' runner_error='' runner_note='' lines=0
  while IFS= read -r line; do
    lines=$((lines + 1))
    [ "$lines" -gt "$past" ] || continue
    case $line in
      start) [ "$phase" != boot ] || enter_run ;;
      "exit "*[!0-9]* | "exit "????* | "exit ") runner_error="the runner ended with what is no exit status: ${line#exit }" ;;
      "exit "*) exit_status=${line#exit } ;;
      "unready "*) unready=${line#unready } ;;
      "note "*) runner_note=${line#note } ;;
      "error "*) runner_error=${line#error } ;;
      boot | "workspace "* | "unenforced "* | "cache "*) ;;
      *) runner_error="the runner says what is not known: $line" ;;
    esac
  done <control
  # What is left to do for its caches is not the job's time.
  { [ -n "$caches" ] && [ -n "$exit_status$unready" ] && [ "$phase" = run ]; } || return 0
  phase=end deadline=$((now + 30000))
}

enter_run() {
  phase=run started=$now said_at=$now
  deadline=$((now + timeout_ms / 10))
  write_state running run
  started_at=$stamp
}

# begin_stop WHY GRACE_MS: TERM now, KILL when the grace is over; the first reason counts.
begin_stop() {
  [ -z "$stopping" ] || return 0
  why=$1
  stopping=$((now + $2 / 10))
  write_state ending "$why"
  ! init_lives || kill -TERM "$init" 2>/dev/null
}

find_init() {
  [ -z "$init" ] || return 0
  { read -r init _ <"/proc/$guest/task/$guest/children"; } 2>/dev/null
  [ -z "$init" ] || { look_at "$init"; init_born=$born; }
}

# Killing the namespace's first process kills all of it; `unshare` is reaped only after that.
kill_guest() {
  if init_lives; then
    kill -KILL "$init" 2>/dev/null
  elif [ -z "$init" ]; then
    kill -KILL "$guest" 2>/dev/null
  fi
}

watch_guest() {
  looks=0
  until ended "$guest"; do
    find_init
    watch_client
    be_patient
    read_control
    watch_log
    case $client in
      gone) begin_stop gone 1000 ;;
      silent) begin_stop silent 1000 ;;
      cancel) begin_stop cancel "$grace_ms" ;;
    esac
    [ "$now" -lt "$deadline" ] || begin_stop "timeout-$phase" "$grace_ms"
    # Before the guest ends, its writer ends only when the disk is full; a machine would wait for it for ever.
    ! ended "$log_writer" || begin_stop log "$grace_ms"
    [ -z "$stopping" ] || [ "$now" -lt "$stopping" ] || kill_guest
    nap
  done
  status_of "$guest"
  guest_status=$?
  [ -z "$feeder" ] || kill -KILL "$feeder" 2>/dev/null
  while init_lives; do kill_guest; sleep 0.02; done
  # A runner that was killed could not remove the control group that it had made.
  [ ! -s cgroup ] || rmdir "$(cat cgroup)" 2>/dev/null
  centiseconds
  read_control
  timestamp
  finished=$now finished_at=$stamp
  end_log
}

write_result() {
  tell_times
  more=$cache_outcomes${artifacts_digest:+,\"artifacts_digest\":\"$artifacts_digest\"}${attempts:+",\"attempts\":[$attempts]"}
  result_json
  left=no
  if printf '%s\n' "$result" 1<>result.json.new; then
    ! is_left || left=yes
    [ "$left" = no ] || unlocked left_to_disk result.json.new
    mv -T result.json.new result.json
    [ "$left" = no ] || unlocked sync_paths .
  fi
  write_state finished "$status"
}

take_job
hold_snapshot
make_shares
[ "$input" = no ] || lease_input=input
lease_start
write_state starting boot
take_caches
launch
stream_log
watch_guest
decide
try_again
close_log
save_caches
hand_on
keep_failed
write_result
[ "$input" = yes ] || true >"$work_dir/runs/$run_id/keep"
set --
[ -n "$kept" ] || set -- workspace kept-workspace
remove_tree private prepared needs secrets services input input.pipe "$@"
close_fd "$fd_thing"
if deliver; then
  [ -n "$kept" ] || remove_tree artifacts
  true >collected
  # A log that filled the disk is the client's now, and a state that found no room is written again.
  # So is a log in which the job may have told a secret piece by piece: only the client masks that.
  { [ "$log_status" = 0 ] && [ "$secrets" = no ]; } || remove_tree log service-logs
  [ ! -e state.json.new ] || write_state finished "$status"
elif [ "$left" = no ] && is_left; then
  # Its client went away before it had all of it.
  unlocked left_to_disk result.json
fi
lease_stop
