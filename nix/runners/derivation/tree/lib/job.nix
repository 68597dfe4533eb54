# The job of a directory as a derivation; docs/derivation.md. All that differs between jobs and runs is data.
{ directory, runner }:
let
  job = /. + directory;
  lines =
    file: builtins.filter (line: builtins.isString line && line != "") (builtins.split "\n" (builtins.readFile file));
  files = builtins.storePath runner;
in
derivation {
  name = "pikaci-job";
  system = builtins.currentSystem;
  builder = "${files}/host/busybox";
  args = [
    "sh"
    "${files}/tree/lib/build.sh"
  ];
  cover = "${files}/tree/lib/cover.sh";
  etc = "${files}/tree/lib/etc";
  command = builtins.toFile "command" (builtins.unsafeDiscardStringContext (builtins.readFile (job + "/command")));
  workspace = builtins.storePath (builtins.head (lines (job + "/private/workspace")));
  prepared = map builtins.storePath (lines (job + "/private/prepared-paths"));
  prepared_names = lines (job + "/private/prepared-names");
  needs = map builtins.storePath (lines (job + "/private/need-paths"));
  # Files, since names of jobs and places may hold spaces.
  need_names = builtins.toFile "need-names" (builtins.readFile (job + "/private/need-names"));
  mounts = builtins.toFile "mounts" (builtins.unsafeDiscardStringContext (builtins.readFile (job + "/private/mounts")));
  times = "${files}/tree/lib/times.sh";
  mount_points = "${files}/tree/lib/mounts.sh";
  words = lines (job + "/private/words");
  allowSubstitutes = false;
}
