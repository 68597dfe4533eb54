#!/bin/sh
# Nix 2.8.0 (Debian 12, nix-bin): `nix build --keep-going` of two outputs whose builders both fail.
# Guess: both builders run, and both failures are named at the end, as `nix-build --keep-going` does.
# Seen: both run, but the error names only one of them, and nothing of the other's output is printed. `nix-build` names
#   both. 2.26 and 2.34 name each (recorded in test/fixtures/nix-log).
# So: to learn what failed, check which outputs are valid in the store afterwards; don't rely on the list of errors.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq nix-bin=2.8.0-1.1+b1 && dpkg-deb -x nix-bin_*.deb .)
mkdir "$dir/conf"
printf 'build-users-group =\nsubstituters =\nsandbox = false\n' >"$dir/conf/nix.conf"
export NIX_CONF_DIR="$dir/conf" NIX_STORE_DIR="$dir/store" NIX_STATE_DIR="$dir/state" NIX_LOG_DIR="$dir/log"
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libnixexpr.so*' | head -n 1)"):${LD_LIBRARY_PATH:-}
export LD_LIBRARY_PATH
cat >"$dir/two.nix" <<'NIX'
let
  fails = name: derivation {
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" "echo ${name} says no; exit 3" ];
  };
in { one = fails "one"; two = fails "two"; }
NIX
"$dir/usr/bin/nix" --version
"$dir/usr/bin/nix" --extra-experimental-features nix-command build --no-link --keep-going -f "$dir/two.nix" one two 2>"$dir/new" || true
"$dir/usr/bin/nix-build" --no-out-link --keep-going "$dir/two.nix" -A one -A two 2>"$dir/old" || true
cat "$dir/new"
started=$(grep -c "^building '" "$dir/new")
named=$(grep -c "builder for '.*' failed" "$dir/new")
spoke=$(grep -c 'says no' "$dir/new")
old=$(grep -c "^error: builder for '.*' failed" "$dir/old")
echo "nix build: $started started, $named named, $spoke heard; nix-build: $old named"
[ "$started $named $spoke $old" = "2 1 1 2" ]
