#!/bin/sh
# Nix 2.8.0 (Debian 12, nix-bin): a number with a fraction, written as JSON.
# Guess: the shortest text that reads back as the same number, as other JSON writers do.
# Seen: six significant digits, without a warning: 1572864.5 becomes 1.57286e+06, which builtins.fromJSON reads as 1572860.
# So: write sizes in a flake's configuration as whole numbers or strings.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq nix-bin=2.8.0-1.1+b1 && dpkg-deb -x nix-bin_*.deb .)
nix() {
  LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libnixexpr.so*' | head -n 1)"):${LD_LIBRARY_PATH:-} \
    "$dir/usr/bin/nix" --extra-experimental-features nix-command "$@"
}
nix --version
seen=$(nix eval --store dummy:// --json --expr '[ 1572864.5 (builtins.fromJSON (builtins.toJSON 1572864.5) == 1572864.5) ]')
printf '%s\n' "$seen"
[ "$seen" = '[1.57286e+06,false]' ]
