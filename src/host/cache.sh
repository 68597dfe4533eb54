# shellcheck shell=sh
# A job's caches, for the guard: taken before launch, shown by the namespace's first process, saved after a pass;
# docs/job-caches.md. $caches: lines NAME=SCOPE; $save_caches: `no` for a job that only looks at them.
: "${work_dir:?}" "${run_id:?}" "${job:?}" "${content_hash:?}"

# $cache_outcomes: what is saved, as a field of the result.
caches=${caches:-} save_caches=${save_caches:-yes} cache_outcomes=''
known save_caches yes no

# renew_caches: the views as they were before the job, of the same state that was saved; fails when that cannot be done.
renew_caches() {
  renewed=yes
  [ -z "$caches" ] || each_cache renew_cache
  [ "$renewed" = yes ]
}

renew_cache() {
  made=cache-work/$cache
  read -r view _ <"$made/how"
  { remove_tree "caches/$cache" "$made/upper" "$made/work" "$made/list" "$made/listed" && mkdir "caches/$cache"; } || renewed=no
  case $view in
    overlay) mkdir "$made/upper" "$made/work" || renewed=no ;;
    copy)
      unlocked exec cp -a --reflink=auto "$made/lower/." "caches/$cache" &
      await "$!" keeps_client || renewed=no
      ;;
  esac
} 2>/dev/null

# each_cache COMMAND: runs it for every cache, with its name in $cache and its directory in $cache_dir.
each_cache() {
  while IFS='=' read -r cache scope; do
    cache_dir=$work_dir/cache/$scope
    [ -z "$cache" ] || "$1"
  done <<END
$caches
END
}

# take_caches: makes caches/<name> or what it takes to show it, `touched` and `touch-time`; $fd_caches keeps the locks.
take_caches() {
  [ -n "$caches" ] || return 0
  { mkdir caches cache-work && open_fd "$fd_caches" cache-work/.kept && flock -n "$fd_caches"; } ||
    fail disk "cannot make the job's caches"
  if overlay_on_disk; then cache_view=overlay; else cache_view=copy; fi
  date +%s >touch-time
  keepers=''
  each_cache take_cache
  sort -z -u -o touched cache-work/*/changed
}

# overlay_on_disk: whether the job directory's file system can be the upper side of an overlay.
overlay_on_disk() {
  mkdir cache-work/.trial cache-work/.trial/lower cache-work/.trial/upper cache-work/.trial/work caches/.trial || return 1
  # shellcheck disable=SC2016  # the inner shell's
  # shellcheck disable=SC2086  # words
  unlocked unshare $namespaces --fork --kill-child=KILL sh -c "$show_cache"'; show_cache .trial' 2>/dev/null
  overlay_status=$?
  rm -rf cache-work/.trial caches/.trial
  return "$overlay_status"
}

# What the namespace's first process shows caches with. The work directory would be removed by nobody but root.
# shellcheck disable=SC2016
show_cache='
  show_cache() {
    made=cache-work/$1
    mount -t overlay -o "lowerdir=$made/lower,upperdir=$made/upper,workdir=$made/work,userxattr" overlay "caches/$1" &&
      chmod 0700 "$made/work/work"
  }
  show_caches() {
    for upper in cache-work/*/upper; do
      [ ! -d "$upper" ] || show_cache "$(basename "${upper%/upper}")" || return 1
    done
  }
  # What is there in the end: an overlay says that something was removed in ways of its own.
  list_caches() {
    for upper in cache-work/*/upper; do
      { [ -d "$upper" ] && grep -q "^exit 0\$" control; } || continue
      made=${upper%/upper}
      (cd "caches/${made#*/}" && find . -mindepth 1 -printf "%y %P\\0") >"$made/listed" && sort -z "$made/listed" >"$made/list.new" &&
        mv "$made/list.new" "$made/list"
    done
  }'

# take_cache: the first one that wants it may save it; whoever comes meanwhile has a view of its own of what was saved.
take_cache() {
  { mkdir "cache-work/$cache" "caches/$cache" && : >"cache-work/$cache/changed"; } || fail disk "cannot make the job's caches"
  take_lock "$fd_cache" "use-$scope" -s
  open_lock "$fd_turn" "cache-$scope"
  mark_used "use-$scope"
  mark_used "cache-$scope"
  turn=alone
  if [ "$save_caches" = no ]; then turn=unsaved; elif ! flock -n "$fd_turn"; then turn=shared; fi
  [ "$turn" = alone ] || close_fd "$fd_turn"
  hold_generation
  # Has these locks too, until the guard lets go of $fd_caches or is dead.
  without "$fd_caches $fd_alive $fd_run $fd_thing" exec flock cache-work/.kept true </dev/null >/dev/null 2>&1 &
  keepers="$keepers $!"
  close_fd "$fd_cache" "$fd_turn" "$fd_base"
  make_view
  echo "$view $turn" >"cache-work/$cache/how"
  echo "cache $cache $view $turn" >>control
}

# hold_generation: $generation is the directory that was saved last, locked by $fd_base; empty when there is none.
hold_generation() {
  for _ in 1 2 3 4 5; do
    generation=$(readlink "$cache_dir/current") || break
    generation=$cache_dir/$generation
    read_fd "$fd_base" "$generation" || continue
    flock -s "$fd_base"
    # Something that was saved meanwhile may have taken its place.
    # shellcheck disable=SC3013  # dash and busybox have it
    ! [ "$generation" -ef "/dev/fd/$fd_base" ] || return 0
  done
  generation=''
  close_fd "$fd_base"
}

make_view() {
  view=empty
  [ -n "$generation" ] || return 0
  view=$cache_view
  ln -s "$generation/tree" "cache-work/$cache/lower" || fail disk "cannot make the job's caches"
  if [ "$view" = overlay ]; then
    mkdir "cache-work/$cache/upper" "cache-work/$cache/work" || fail disk "cannot make the job's caches"
  else
    unlocked exec cp -a --reflink=auto "$generation/tree/." "caches/$cache" &
    await "$!" keeps_client || copy_failed
  fi
  changed_since >"cache-work/$cache/changed" || fail disk "cannot compare the workspace with the cache's"
  # Later than whatever the cache holds, also when the clock was set back.
  newest=$(cat "$generation/newest")
  [ "$(cat touch-time)" -gt "${newest%.*}" ] || echo "$((${newest%.*} + 1))" >touch-time
}

keeps_client() {
  watch_client
  [ "$client" = alive ]
}

# copy_failed: a job that is cancelled needs no cache, and ends before its guest begins.
copy_failed() {
  case $client in
    cancel) ;;
    gone | silent) fail network "the client went away" ;;
    *) fail disk "the cache $cache cannot be copied: $(disk_use)" ;;
  esac
}

# list_others: links with their targets, and executables, of the snapshot: what B3SUMS does not say.
list_others() {
  find "$tree" \( -type l -printf 'l%P//%l\0' -o -type f -perm -100 -printf 'x%P//\0' \) | sort -z
}

# list_files FILE: the names in a B3SUMS or lines of it, each ended by NUL.
list_files() {
  while IFS= read -r line; do
    case $line in
      \\*) printf '%b\0' "${line#*  ./}" ;;
      *) printf '%s\0' "${line#*  ./}" ;;
    esac
  done <"$1"
}

# changed_since: paths of the workspace that differ from those with which the cache was saved, and those that B3SUMS
# cannot name; each ended by NUL.
changed_since() {
  [ "$(cat "$generation/content_hash")" != "$content_hash" ] || return 0
  made=cache-work/$cache sums=${tree%/snapshot}/B3SUMS
  sort "$generation/B3SUMS" >"$made/then" && sort "$sums" | comm -13 "$made/then" - >"$made/new" || return 1
  list_files "$made/new"
  list_others | comm -z -3 "$generation/others" - | sed -z 's/^\t*.//; s,//.*,,'
  grep -q '"b3sums_left_out": 0,' "${tree%/snapshot}/pikaci-snapshot.json" || {
    list_files "$sums" | sort -z >"$made/named"
    find "$tree" -type f -printf '%P\0' | sort -z | comm -z -13 "$made/named" -
  }
  rm -f "$made/then" "$made/new" "$made/named"
}

# save_caches: what a job that passed, be it at a later attempt, made of its caches takes the place of what was saved before.
save_caches() {
  [ -n "$caches" ] || return 0
  each_cache save_cache
  cache_outcomes=",\"caches\":{$cache_outcomes}"
  rm -rf caches cache-work touched touch-time
  close_fd "$fd_caches"
  for keeper in $keepers; do await "$keeper" true; done
  each_cache sweep_generations
}

save_cache() {
  read -r view turn <"cache-work/$cache/how"
  outcome=$turn
  if [ "$turn" = alone ]; then
    outcome=kept
    case $status in passed | flaky) save_generation ;; esac
  fi
  cache_outcomes="$cache_outcomes${cache_outcomes:+,}\"$cache\":{\"view\":\"$view\",\"turn\":\"$turn\",\"saved\":\"$outcome\"}"
}

save_generation() {
  if [ "$view" = overlay ] && [ -z "$(find "cache-work/$cache/upper" -mindepth 1 -print -quit)" ]; then
    outcome=unchanged
    return 0
  fi
  outcome=failed
  staged=$(mktemp -d "$work_dir/tmp/cache.XXXXXXXX") || return 0
  # The sweep of tmp/ leaves what is locked.
  { read_fd "$fd_base" "$staged" && flock -n "$fd_base"; } || return 0
  if stage_tree && stage_facts && place_generation; then outcome=saved; else rm -rf -- "$staged"; fi
  close_fd "$fd_base"
}

# stage_tree: what the job left; what it did not change is linked, since no guest ever writes to the inodes of what is saved.
stage_tree() {
  if [ "$view" = overlay ]; then
    made=$PWD/cache-work/$cache
    [ -e "$made/list" ] && open_tree "$made/upper" && cp -al "$(readlink "$made/lower")" "$staged/tree" && drop_removed &&
      find "$made/upper" -type c -delete && cp -al --remove-destination "$made/upper/." "$staged/tree"
  else
    mv -T "caches/$cache" "$staged/tree"
  fi && open_tree "$staged/tree"
}

# open_tree DIRECTORY: the job may have left directories into which nobody can look.
open_tree() {
  find "$1" -type d ! -perm -700 -exec chmod u+rwx {} \;
}

drop_removed() (
  cd "$staged/tree" || exit
  find . -mindepth 1 -printf '%y %P\0' | sort -z | comm -z -23 - "$made/list" | cut -z -b 3- | xargs -0 -r rm -rf --
)

# stage_facts: what the next job is compared with.
stage_facts() {
  {
    cp "${tree%/snapshot}/B3SUMS" "$staged" && list_others >"$staged/others" && echo "$content_hash" >"$staged/content_hash"
  } && find "$staged/tree" -printf '%T@\n' | sort -n | tail -n 1 >"$staged/newest"
}

# place_generation: in one step.
place_generation() {
  own=$run_id-$job
  mkdir -p "$cache_dir" && mv -T "$staged" "$cache_dir/$own" && ln -sfn "$own" "$cache_dir/.current" &&
    mv -T "$cache_dir/.current" "$cache_dir/current"
}

# sweep_generations: removes what was saved before, unless a guest still sees it.
sweep_generations() {
  for old in "$cache_dir"/*; do
    { [ -e "$old" ] && [ "$old" != "$cache_dir/current" ]; } || continue
    gone=$(mktemp -d "$work_dir/tmp/gone.XXXXXXXX") || continue
    (
      read_fd "$fd_base" "$old" && flock -n "$fd_base" && [ "$(readlink "$cache_dir/current")" != "${old##*/}" ] && mv -T "$old" "$gone/it"
    )
    rm -rf -- "$gone"
  done
}
