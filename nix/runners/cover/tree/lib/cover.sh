# shellcheck shell=sh
# What of /proc no job may write, whatever its backend: all but the processes themselves. Where the host's account is
# root, a job without any capability still owns the kernel's settings, and core_pattern runs programs on the host.

# kernel_places: their paths, one per line, to be shown read-only. A file that nobody may write needs no cover. They are
# named to `find`, which would complain of a process that ends while it lists /proc, in the job's log.
kernel_places() {
  find /proc/[a-z]* -maxdepth 0 \( -type d -o -type f -perm /222 \)
}
