# shellcheck shell=sh
# The host's kernel unpacked, which QEMU enters at once: emulated, unpacking it takes a second and more.
: "${tree:?}" "${machine_kernel:?}"

# words FILE TYPE OFFSET BYTES: numbers as `od` reads them.
words() {
  od -A n -v -t "$2" -j "$3" -N "$4" "$1"
}

# unpack_kernel: private/kernel, out of an image of Linux's boot protocol for x86; fails where QEMU could not enter it.
unpack_kernel() {
  # shellcheck disable=SC2046  # words
  set -- $(words "$machine_kernel" x4 514 4) $(words "$machine_kernel" u1 497 1) $(words "$machine_kernel" u4 584 8)
  [ "$1" = 53726448 ] || return 1
  offset=$((($2 + 1) * 512 + $3)) bytes=$4
  # The length of what is packed follows it, which only gzip knows of.
  case $(words "$machine_kernel" x4 "$offset" 4) in
    *fd2fb528) unpack="zstd -dcq" bytes=$((bytes - 4)) ;;
    *587a37fd) unpack="$(command -v xz || echo "$tree/../host/busybox xz") -dcq" bytes=$((bytes - 4)) ;;
    *088b1f) unpack="$tree/../host/busybox zcat" ;;
    *) return 1 ;;
  esac
  dd if="$machine_kernel" bs=65536 iflag=skip_bytes,count_bytes skip="$offset" count="$bytes" status=none |
    $unpack >private/unpacked && has_entry private/unpacked && mv private/unpacked private/kernel
}

# has_entry FILE: it is a 64-bit ELF file with Xen's note 18 (PVH), which tells QEMU where to begin.
has_entry() {
  [ "$(words "$1" x4 0 4)" = " 464c457f" ] || return 1
  # shellcheck disable=SC2046  # words
  set -- "$1" $(words "$1" u8 32 8) $(words "$1" u2 56 2)
  file=$1 header=$2 count=$3
  while [ "$count" -gt 0 ]; do
    # shellcheck disable=SC2046  # words
    set -- $(words "$file" u8 "$header" 40)
    if [ "$(($1 % 4294967296))" = 4 ]; then
      case $(words "$file" x4 "$2" "$5" | tr -s ' \n' ' ') in
        *" 00000004 0000000"[48]" 00000012 006e6558 "*) return 0 ;;
      esac
    fi
    header=$((header + 56)) count=$((count - 1))
  done
  return 1
}
