# shellcheck shell=sh
# A job's directory, for its guard: taken once, then filled with what the client says and what the guest sees; docs/guard.md.
# $job_document, $launch_document, $command_document: what goes into job.json, launch and command.
: "${work_dir:?}" "${run_id:?}" "${job:?}" "${content_hash:?}" "${runner:?}" "${prepared?}"
: "${job_document:?}" "${launch_document:?}" "${command_document?}"
# $needs: a line NAME=DIGEST for each job whose artifacts it sees.
needs=${needs:-}
job_dir=$work_dir/runs/$run_id/jobs/$job

take_job() {
  mkdir -p "$work_dir/locks" "$work_dir/runs/$run_id/jobs" || fail disk "cannot write in $work_dir"
  take_lock "$fd_run" "run-$run_id" -s
  mkdir "$job_dir" 2>/dev/null || not_launched
  cd "$job_dir" || fail host "cannot enter $job_dir"
  # Held by this guard and the first process outside the namespace: free means that nothing of the job is left.
  { open_fd "$fd_alive" alive && flock -n "$fd_alive"; } || fail disk "cannot write in $job_dir"
  [ "$detached" = no ] || true >"$work_dir/runs/$run_id/detached" || fail disk "cannot write in $work_dir/runs/$run_id"
  [ -z "$project" ] || printf '%s\n' "$project" >"$work_dir/runs/$run_id/project" || fail disk "cannot write in $work_dir/runs/$run_id"
  # The result is written over in place later: a full disk must not cost the verdict its file.
  { printf "%$((4096 + 1024 * retries))s" '' >result.json.new && true >log && true >control && mkfifo log.pipe; } ||
    fail disk "cannot store the job in $job_dir: $(disk_use)"
  make_service_logs || fail disk "cannot make the logs of the job's services in $job_dir: $(disk_use)"
  [ "$input" = no ] || { true >input && mkfifo input.pipe; } || fail disk "cannot write in $job_dir"
  # What reads the client's words has no lock: it may live a lease longer than a guard that is killed.
  unlocked take_documents
}

# not_launched: a job has one guard in its life; says what became of that one.
not_launched() {
  [ -d "$job_dir" ] || fail disk "cannot make $job_dir: $(disk_use)"
  if [ -e "$job_dir/alive" ] && ! is_free "$job_dir/alive"; then what="is running on this host: another client has launched it"
  elif [ -e "$job_dir/result.json" ]; then what="has run on this host and ended"
  else what="was launched on this host before, and its guard was killed"
  fi
  fail host "job $job of run $run_id $what
hint: \`pikaci attach $run_id\` follows it or fetches what it left; \`pikaci rerun $run_id\` runs it again"
}

# What has no secrets came with the parameters.
take_documents() {
  { printf %s "$job_document" >job.json && printf %s "$launch_document" >launch && write_command; } ||
    fail disk "the job's documents cannot be stored: $(disk_use)"
  job_document='' launch_document=''
  [ "$secrets" = no ] || take_secrets
}

take_secrets() {
  command -v perl >/dev/null || fail host "\`perl\` is missing here, which masks the logs of jobs with secrets
hint: Debian \`apt-get install perl-base\`, NixOS \`environment.systemPackages = [ pkgs.perl ]\`"
  take_text "the job's secrets"
  secret_text=$text
  take_text "what is masked in the job's log"
  mask_text=$text
  text=''
  mkdir secrets || fail disk "cannot make the job's shares"
}

# take_text WHAT: a document into $text, for what must not lie on a disk; what keeps it from being whole ends the program.
take_text() {
  text=$(take_bytes && printf :%s "$take_length")
  take_status=$? text_length=${text##*:}
  text=${text%:*}
  [ "$take_status" != 0 ] || [ "${#text}" = "$text_length" ] || take_status=3
  [ "$take_status" = 0 ] || take_failed "$take_status" "$1"
}

# The snapshot stays while a guest sees it: who moves or removes a snapshot takes this lock alone.
# What stands in the lock of a run that lives is not collected (gc.sh).
hold_snapshot() {
  echo "snapshots/$content_hash" >&"$fd_run"
  use_thing "$content_hash"
}

# each_need COMMAND: runs it for each job that this one needs, with its name in $need and what it left in $need_dir.
each_need() {
  while IFS='=' read -r need need_digest; do
    need_dir=$work_dir/artifacts/$need_digest
    [ -z "$need" ] || "$1"
  done <<END
$needs
END
}

# take_need: in needs/, which guests see read-only.
take_need() {
  job_name need
  digest need_digest
  [ -d needs ] || mkdir needs || fail disk "cannot make the job's shares"
  use_artifacts "$need_digest"
  [ -d "$need_dir" ] || fail mismatch "what $need left, $need_digest, is no longer on this host
hint: run the command again: \`$need\` runs then, too"
  ln -s "$need_dir" "needs/$need" || fail disk "cannot make the job's shares"
}

# enter_kept: the artifacts are the ones that the job left; its private workspace, as far as it was kept, is seen as its
# snapshot would be.
enter_kept() {
  left=$work_dir/runs/$enter
  # Nothing that stands in the lock of a run that lives is removed when its time is over.
  printf 'enter/%s\nruns/%s\n' "$enter" "${enter%%/*}" >&"$fd_run"
  { read -r until <"$left/kept" && [ "$(date +%s)" -lt "$until" ]; } 2>/dev/null || fail host "what the job left is no longer on this host: $enter
hint: without what it left: \`pikaci rerun\` runs it again, and \`--keep-failed 2h\` of \`pikaci run\` keeps it longer"
  ln -s "$left/artifacts" artifacts || fail disk "cannot make the job's shares"
  [ ! -d "$left/kept-workspace" ] || tree=$left/kept-workspace
}

make_shares() {
  tree=$work_dir/snapshots/$content_hash/snapshot
  [ -d "$tree" ] || fail mismatch "the snapshot $content_hash is no longer on this host"
  [ -z "$enter" ] || enter_kept
  { ln -s "$tree" workspace && ln -s "$work_dir/etc/current" etc && mkdir -p prepared private artifacts; } || fail disk "cannot make the job's shares"
  while IFS='=' read -r name path; do
    [ -z "$name" ] || { [ -e "$path" ] && ln -s "$path" "prepared/$name"; } || fail nix "a prepared output is no longer in the store"
  done <<END
$prepared
END
  [ -z "$needs" ] || each_need take_need
  [ -x "$runner/bin/microvm-run" ] || fail nix "the runner $runner is no longer in the store"
}
