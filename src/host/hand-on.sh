# shellcheck shell=sh
# Keeps what a job that passed left, for the jobs that need it: artifacts/<digest> in the work dir; docs/needs.md.
# $handing: `must`, or `may` where they are kept only to be shared: then nothing about them decides the verdict.
# $hands_on: `no`; `link` when nobody but the guest could write to the files and the guest is gone, else `copy`.
: "${work_dir:?}" "${artifact_bytes:?}" "${uid:?}"
hands_on=${hands_on:-no} artifacts_digest=''
handing=${handing:-must}
known hands_on no link copy
known handing must may

# Of an empty tree, which many jobs leave.
empty_digest=0408d5d9c8b29192895c17e1becd408acd792881b4c22db176cfb0be4aaa8758

# In the job's directory: $1: link or copy; $2: a staging directory, which gets `tree`; $3: the most bytes; $4: the account.
# Says `digest HEX` or `refused WHY`; anything else is a failure, whose reason is on stderr.
# What may be no artifact of the client's is refused or left out here too (src/host/feed.sh, src/publish/unpack.ts).
# A file gets a new inode where its mode or owner has to change: no mode of a linked one does.
# shellcheck disable=SC2016,SC2034  # the guard starts it
hander=$sending$limiting'
  how=$1 staged=$2 most=$3 account=$4
  refuse() {
    printf "refused %s\n" "$1"
    exit
  }
  too_deep() {
    [ -n "$(find artifacts/. -mindepth 129 -print -quit)" ] ||
      [ -n "$(find artifacts/. -mindepth 1 -printf "%P\0" | cut -z -b 3500- | tr -d "\0" | head -c 1)" ]
  }
  remake() {
    mode=$1
    shift
    find . -type f "$@" \( ! -user "$account" -o ! -perm "$mode" \) -exec sh -c "
      part=\$1 mode=\$2
      shift 2
      for file; do
        cp --reflink=auto --sparse=auto -- \"\$file\" \"\$part\" && chmod \"\$mode\" \"\$part\" && mv -T -- \"\$part\" \"\$file\" || exit
      done" remake "$staged/part" "$mode" {} +
  }
  # What begins a line of it is a path; no path has "//", and no text an NUL.
  list_tree() {
    find . -mindepth 1 \( -type d -printf "%P//d\0" -o -type l -printf "%P//l%l\0" -o \
      -perm -0100 -printf "%P//x%s\0" -o -printf "%P//f%s\0" \) >"$staged/listed" &&
      find . -type f -print0 >"$staged/files" &&
      sort -z -o "$staged/listed" "$staged/listed" && sort -z -o "$staged/files" "$staged/files" &&
      xargs -0 -r sha256sum -z -- <"$staged/files" >"$staged/sums"
  }
  too_deep && refuse "its directories are more than 128 deep, or its paths longer than 3500 bytes"
  chmod -R u+rX artifacts || exit
  over_limits "$most" && refuse "$reason"
  case $how in
    link) cp -alT artifacts "$staged/tree" ;;
    copy) cp -dRT --preserve=mode,links --reflink=auto --sparse=auto artifacts "$staged/tree" ;;
  esac || exit
  cd "$staged/tree" && find . -type d -exec chmod 0755 {} + && find . ! -type d ! -type f ! -type l -delete || exit
  [ "$account" != 0 ] || find . ! -type f ! -user 0 -exec chown -h 0:0 {} + || exit
  remake 0755 -perm -0100 && remake 0644 ! -perm -0100 && find . -exec touch -h -c -d "@$5" {} + && list_tree || exit
  digest=$({ printf "pikaci-artifacts/1\0" && cat "$staged/listed" && printf "\0" && cat "$staged/sums"; } | sha256sum) || exit
  printf "digest %s\n" "${digest%% *}"'

# hand_on: sets $artifacts_digest; a job whose artifacts cannot be kept has not passed. What one that failed left is kept, too:
# its client may yet let it pass (quarantine).
hand_on() {
  [ "$hands_on" != no ] || return 0
  case $handing-$status in must-failed | *-passed | *-flaky) ;; *) return 0 ;; esac
  staged=''
  if is_empty artifacts; then
    keep_artifacts "$empty_digest"
  elif make_stage; then
    unlocked grouped sh -c "$hander" hand-on "$hands_on" "$staged" "$artifact_bytes" "$uid" "$published_time" >handed 2>hand-on-errors &
    answer=''
    ! await "$!" keeps_client || { read -r answer rest <handed || answer=''; }
    case $answer in
      digest) if is_digest "$rest"; then keep_artifacts "$rest"; else not_handed_on "its digest is $rest"; fi ;;
      refused) [ "$status" = failed ] || [ "$handing" = may ] || { status=failed code=null message="exit 0, but what it left cannot be handed on: $rest"; } ;;
      *) not_handed_on "$(tail -n 1 hand-on-errors)" ;;
    esac
  fi
  [ -z "$staged" ] || remove_tree "$staged" 2>/dev/null
  close_fd "$fd_base"
}

# make_stage: the sweep of tmp/ leaves what is locked.
make_stage() {
  staged=$(mktemp -d "$work_dir/tmp/artifacts.XXXXXXXX" 2>&1) && read_fd "$fd_base" "$staged" && flock -n "$fd_base" && return
  not_handed_on "$staged"
  staged=''
  return 1
}

# not_handed_on WHY: the client may have ended it.
not_handed_on() {
  [ "$handing" = must ] || return 0
  case $client-$status in
    *-failed) ;;
    cancel-* | gone-* | silent-*) code=null signal=null why=$client && decide ;;
    *) code=null status=infra message="disk: what it left could not be kept for the jobs that need it: $1; $(disk_use)" ;;
  esac
}

# keep_artifacts DIGEST: $staged/tree gets its final name, unless that is taken, and then by the same tree. Where nothing was
# staged the tree is empty.
keep_artifacts() {
  place=$work_dir/artifacts/$1
  use_artifacts "$1"
  if [ ! -d "$place" ]; then
    take_lock "$fd_turn" "artifacts-$1"
    [ -d "$place" ] || place_artifacts
    close_fd "$fd_turn"
  fi
  if [ -d "$place" ]; then artifacts_digest=$1; elif [ "$status" != failed ]; then not_handed_on "$place cannot be made"; fi
}

place_artifacts() {
  [ -n "$staged" ] || { make_stage && mkdir "$staged/tree" && chmod 0755 "$staged/tree" && touch -d "@$published_time" "$staged/tree"; } || return
  { [ -d "$work_dir/artifacts" ] || mkdir -p "$work_dir/artifacts"; } && unlocked sync_tree "$staged/tree" linked &&
    mv -T -- "$staged/tree" "$place" && unlocked sync_paths "$work_dir/artifacts"
} 2>/dev/null
