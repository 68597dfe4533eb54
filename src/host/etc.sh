# shellcheck shell=sh
# What guests are shown of a host's /etc, as a copy in the work dir: what packages have put there and everybody may read;
# docs/what-a-job-sees.md. Functions with ROOT have the root of the host as an argument, so that tests can make one.

# Of every host, followed where it is a link. The jail has the same list for a machine of its own.
etc_always='alternatives ca-certificates ld.so.cache localtime nsswitch.conf os-release protocols services
  ssl/certs ssl/cert.pem ssl/openssl.cnf pki/ca-trust pki/tls/certs pki/tls/cert.pem pki/tls/openssl.cnf'
# The guest has its own of these; where nothing of that name is shown, an empty file is there to be covered.
etc_own='passwd group hosts resolv.conf machine-id'
etc_covered="$etc_own os-release protocols services"
etc_tab=$(printf '\t')

# list_owned ROOT: the paths in /etc that packages and ucf know, as `find .` there would name them. apk tells a directory
# and then the names in it.
list_owned() (
  cd "$1/" || return
  {
    echo /etc
    find -H var/lib/dpkg/info -name '*.list' -exec grep -h '^/etc/' {} +
    sed -n 's|^[^/]*/etc/|/etc/|p' var/lib/ucf/registry
    for database in lib/apk/db/installed usr/lib/apk/db/installed; do
      sed -n '/^F:/{s|^F:|/|;p;h;};/^R:/{s|^R:||;G;s|^\(.*\)\n\(.*\)$|\2/\1|;p;}' "$database"
    done
    find -H var/lib/pacman/local usr/lib/pacman/local -name files -exec grep -h '^etc/' {} + | sed 's|^|/|;s|/$||'
    [ -n "$1" ] || ! command -v rpm >/dev/null || rpm -qal
  } 2>/dev/null | sed -n 's|^/etc$|.|p;s|^/etc/|./|p' | sort -u
)

# choose_etc ETC NAMES DIR: DIR/files and DIR/links get the paths that are shown; its output is a digest of what they are.
# What is closed to others, by its own mode or by that of a directory above, is not among them.
choose_etc() (
  names=$2 dir=$3
  cd "$1" || return
  set -- -name '*[[:cntrl:]]*'
  for name in $etc_own; do set -- "$@" -o -path "./$name"; done
  true >"$dir/reached" && true >"$dir/linked" || return
  find . \( -type d ! -perm -005 -o "$@" \) -prune -o \
    -type f -perm -004 -readable -fprintf "$dir/reached" '%p\n' -o -type l -fprintf "$dir/linked" '%h\t%p\n'
  closed=$(find pki pki/tls ssl -maxdepth 0 ! -perm -005)
  set --
  for name in $etc_always; do
    for above in $closed; do case $name in "$above"/*) continue 2 ;; esac; done
    [ ! -e "$name" ] || set -- "$@" "./$name"
  done
  printf '%s\n' "$@" | sort >"$dir/always"
  true >"$dir/followed" && true >"$dir/linked-there" || return
  [ "$#" = 0 ] || find -H "$@" \( -type d ! -perm -005 -o -name '*[[:cntrl:]]*' \) -prune -o \
    -type f -perm -004 -readable -fprintf "$dir/followed" '%p\n' -o -type l -fprintf "$dir/linked-there" '%p\n'
  sort "$dir/reached" | comm -12 - "$names" | sort -u - "$dir/followed" >"$dir/files"
  # A link shows no more than its own text, so all links of a directory count that packages have files in.
  sort -t "$etc_tab" -k 1,1 "$dir/linked" | join -t "$etc_tab" -o 1.2 - "$names" | sort -u - "$dir/linked-there" |
    comm -23 - "$dir/always" | comm -23 - "$dir/files" >"$dir/links"
  {
    xargs -r -d '\n' stat -L -c '%n %a' -- <"$dir/files" && xargs -r -d '\n' sha256sum -- <"$dir/files" &&
      xargs -r -d '\n' stat -c %N -- <"$dir/links"
  } >"$dir/told" && seen_sum <"$dir/told"
) 2>/dev/null

# copy_etc ETC DIR: what was chosen, into DIR/tree.
copy_etc() (
  umask 022
  mkdir "$2/tree" && chmod 755 "$2/tree" && pack_etc "$1" "$2/files" -h | unpack_etc "$2/tree" &&
    pack_etc "$1" "$2/links" | unpack_etc "$2/tree" || return
  for name in $etc_covered; do
    [ -e "$2/tree/$name" ] || true >"$2/tree/$name" || return
  done
) 2>/dev/null

# pack_etc ETC LIST WORD…
pack_etc() {
  etc_packed=$1 etc_list=$2
  shift 2
  tr '\n' '\0' <"$etc_list" | tar -C "$etc_packed" "$@" --no-recursion --no-unquote --null -T - -cf -
}

unpack_etc() {
  tar -C "$1" --no-same-owner --no-same-permissions -xf -
}

# show_etc ROOT PACKAGES: etc/current in the work dir leads to a copy of what is shown now; $etc becomes its digest. Fails
# when it cannot be made. PACKAGES: digest of what the package databases say, for which the names are remembered. A copy is
# of one boot, so that one that a power cut left half on the disk is not used.
show_etc() {
  etc='' etc_place=$work_dir/etc
  read -r etc_boot </proc/sys/kernel/random/boot_id
  etc_boot=${etc_boot%%-*}
  etc_known=$etc_place/known-$(stat_etc "$1" "$2")
  remembered_etc || make_etc "$1" "$2"
} 2>/dev/null

# stat_etc ROOT PACKAGES: a digest of all that tells a changed /etc, but for the content of files.
stat_etc() {
  { echo "$2 $etc_boot" && cd "$1/etc" && find . -printf '%p %y %m %U %G %i %s %C@ %l\0'; } | seen_sum
}

# remembered_etc: the copy that was current when /etc was last as it is.
remembered_etc() {
  read -r etc <"$etc_known" && is_digest "$etc" && etc_copy=$etc-$etc_boot && [ -d "$etc_place/$etc_copy" ] &&
    [ "$(readlink "$etc_place/current")" = "$etc_copy" ] && touch -- "$etc_known" "$etc_place/$etc_copy" && return
  etc=''
  return 1
}

make_etc() {
  mkdir -p "$etc_place" "$work_dir/tmp" && etc_dir=$(mktemp -d "$work_dir/tmp/etc.XXXXXXXX") || return 1
  etc_names=$etc_place/names-$2-$etc_boot
  if [ ! -s "$etc_names" ]; then
    list_owned "$1" >"$etc_dir/names" && mv -T "$etc_dir/names" "$etc_names"
  fi
  etc_shown=$1/etc etc_tries=3
  [ -d "$etc_shown" ] || { etc_shown=$etc_dir/none && mkdir "$etc_shown"; }
  until place_etc "$etc_shown"; do
    etc_tries=$((etc_tries - 1))
    [ "$etc_tries" != 0 ] || break
  done
  [ -z "$etc" ] || { echo "$etc" >"$etc_dir/known" && mv -T "$etc_dir/known" "$etc_known"; }
  rm -rf "$etc_dir"
  [ -n "$etc" ]
}

# place_etc ETC: fails when it changed meanwhile.
place_etc() {
  etc_chosen=$(choose_etc "$1" "$etc_names" "$etc_dir") && is_digest "$etc_chosen" || return 1
  etc_copy=$etc_chosen-$etc_boot
  if [ -d "$etc_place/$etc_copy" ]; then
    touch -- "$etc_place/$etc_copy" "$etc_names"
  else
    rm -rf "$etc_dir/tree"
    copy_etc "$1" "$etc_dir" || return 1
    [ "$(choose_etc "$1" "$etc_names" "$etc_dir")" = "$etc_chosen" ] || return 1
    # Another session may have been quicker with the same.
    mv -T "$etc_dir/tree" "$etc_place/$etc_copy" || [ -d "$etc_place/$etc_copy" ] || return 1
  fi
  [ "$(readlink "$etc_place/current")" = "$etc_copy" ] ||
    { rm -f "$etc_dir/current" && ln -s "$etc_copy" "$etc_dir/current" && mv -T "$etc_dir/current" "$etc_place/current"; } || return 1
  etc=$etc_chosen
}
