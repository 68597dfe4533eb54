# shellcheck shell=sh
# Builder of a job: makes the contract's places from store paths, runs the command there, and always succeeds.
# $out gets `verdict` (`exit N` or `timed-out`; empty when nothing could be run) and `artifacts.tar`.
: "${command:?}" "${workspace:?}" "${prepared?}" "${prepared_names?}" "${needs?}" "${need_names?}" "${words:?}" "${out:?}" "${builder:?}" "${cover:?}" "${etc:?}" "${mounts:?}" "${mount_points:?}" "${times:?}"
: "${job_workspace:=}" "${job_hostname:=}" "${job_timeout_s:=}" "${job_file_size:=}" "${job_open_files:=}" "${job_time:=}" "${job_services:=}"

export top="$PWD/top"
"$builder" mkdir -p bin
"$builder" --install -s "$PWD/bin"
export PATH="$PWD/bin"
for word in $words; do export "job_${word?}"; done
case $job_workspace:$job_timeout_s in
  read-only: | private: | *:*[!0-9]*) known=no ;;
  read-only:* | private:*) known=yes ;;
  *) known=no ;;
esac
[ -n "$job_hostname" ] || known=no
case $job_time in '' | *[!0-9]*) known=no ;; esac
if [ "$known" = no ]; then
  mkdir -p "$out" && : >"$out/verdict"
  echo "pikaci: this build was told workspace=$job_workspace timeout_s=$job_timeout_s hostname=$job_hostname time=$job_time, which it does not know"
  exit 0
fi

mkdir -p "$top/workspace" "$top/artifacts" "$top/nix/store" "$top/proc" "$top/dev" "$top/tmp" "$top/var/tmp" \
  "$top/bin" "$top/usr" "$top/etc" "$top/prepared" "$top/root" "$top/run/pikaci" "$top/.old" "$out"
for applet in bin/*; do
  [ "$applet" = bin/busybox ] || ln -s busybox "$top/$applet"
done
cp "$builder" "$top/bin/busybox"
ln -s ../bin "$top/usr/bin"
printf 'root:x:0:0:root:/root:/bin/sh\nci:x:65534:65534:ci:/tmp:/bin/sh\n' >"$top/etc/passwd"
printf 'root:x:0:\nci:x:65534:\n' >"$top/etc/group"
printf '%s localhost %s\n' 127.0.0.1 "$job_hostname" ::1 "$job_hostname" >"$top/etc/hosts"
cp "$etc"/* "$top/etc"
chmod 1777 "$top/tmp" "$top/var/tmp"
cp "$command" "$top/run/pikaci/command"
# A job that may write these can put nothing in their place: each is a mount of its own.
export writable="artifacts tmp var/tmp"
if [ -n "$job_services" ]; then
  mkdir "$top/run/pikaci/services" "$top/run/pikaci/state" "$out/services"
  writable="$writable run/pikaci/state run/pikaci/told"
  : >"$top/run/pikaci/told"
  for name in $(echo "$job_services" | tr , ' '); do
    : >"$top/run/pikaci/services/$name"
    writable="$writable run/pikaci/services/$name"
  done
fi
# A copy: in the store times and modes are Nix's, and nothing can be mounted there.
export like="$PWD/like"
{ cp -a "$workspace/." "$top/workspace" && chmod -R u+w "$top/workspace"; } || exit 1
mkdir "$like"
# shellcheck source=/dev/null
. "$times"
set_times "$job_time" "$top/workspace" "$like"
: >"$out/verdict"

# The mounts are made by the root of one namespace; the command is nobody in one below, where it can undo none.
cat >places <<'END'
set -e
hostname "$job_hostname"
mount --bind "$top" "$top"
mount --rbind /nix/store "$top/nix/store"
while read -r _ place _; do
  case $place in "$top/nix/store"*) mount -o remount,bind,ro "$place" ;; esac
done </proc/self/mounts
mount --rbind /dev "$top/dev"
mount --bind "$top/workspace" "$top/workspace"
set -- $needs
while IFS= read -r name; do
  mkdir -p "$top/needs/$name"
  mount --bind "$1" "$top/needs/$name"
  mount -o remount,bind,ro "$top/needs/$name"
  shift
done <"$need_names"
set -- $prepared
for name in $prepared_names; do
  if [ -d "$1" ]; then mkdir "$top/prepared/$name"; else : >"$top/prepared/$name"; fi
  mount --bind "$1" "$top/prepared/$name"
  mount -o remount,bind,ro "$top/prepared/$name"
  shift
done
. "$mount_points"
while IFS= read -r mount; do
  name=${mount%%=*} place=${mount#*=}
  if ! make_point "$top/prepared/$name" "$top/workspace" "$place" "$like"; then
    echo "pikaci: the prepared $name cannot be mounted at /workspace/$place: $point_wrong"
    exit 1
  fi
  mount --bind "$top/prepared/$name" "$top/workspace/$place"
  mount -o remount,bind,ro "$top/workspace/$place"
done <"$mounts"
[ "$job_workspace" = private ] || mount -o remount,bind,ro "$top/workspace"
mount -t proc proc "$top/proc"
. "$cover"
for place in $(kernel_places); do
  mount --bind "$top$place" "$top$place"
  mount -o remount,bind,ro "$top$place"
done
for path in $writable; do mount --bind "$top/$path" "$top/$path"; done
mount -o remount,bind,ro "$top"
exec 8>"$out/verdict" </dev/null
cd "$top"
pivot_root . .old
export PATH=/bin
umount -l /.old
[ -z "$job_open_files" ] || ulimit -n "$job_open_files"
[ -z "$job_file_size" ] || ulimit -f "$((job_file_size / 512))"
set +e
echo pikaci-begin
began=$(date +%s)
unshare -U setpriv --nnp timeout -s TERM -k 2 "$job_timeout_s" env -i sh /run/pikaci/command 2>&1 8>&-
code=$?
if [ "$(($(date +%s) - began))" -ge "$job_timeout_s" ]; then echo timed-out >&8; else echo "exit $code" >&8; fi
END
unshare -r -m -p -u -f sh places
chmod -R u+rX "$top/artifacts"
if [ -n "$job_services" ]; then
  head -c 4096 "$top/run/pikaci/told" >"$out/told"
  # A byte more than the guard keeps, which says so.
  for name in $(echo "$job_services" | tr , ' '); do
    head -c 16777217 "$top/run/pikaci/services/$name" >"$out/services/$name"
  done
fi
size=$(find "$top/artifacts" -type f -exec stat -c %s {} + | awk '{ sum += $1 } END { printf "%.0f", sum }')
if [ "${size:-0}" -le 4294967296 ]; then
  tar -cf "$out/artifacts.tar" -C "$top/artifacts" .
else
  echo "pikaci: the artifacts are left out: $size bytes are more than the 4 GiB that a build may leave"
fi
exit 0
