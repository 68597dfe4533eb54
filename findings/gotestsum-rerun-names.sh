#!/bin/sh
# gotestsum 1.8.2 with Go 1.19.8 (Debian 12), `--rerun-fails --junitfile`: a test that fails, is run again, and passes.
# Guess: the file has what came of the last try, since gotestsum exits with 0.
# Seen: two test cases of one name, the first with a `<failure>`, and failures="1" above them.
# So: a reader that fails a build on any `<failure>` fails this one, and one that counts tests counts too many.
set -eu
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir" && rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq gotestsum=1.8.2-1+b3 golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 2>/dev/null &&
  for package in *.deb; do dpkg-deb -x "$package" .; done && rm -- *.deb)
share=$dir/usr/share/go-1.19 GOROOT=$dir/usr/lib/go-1.19
for link in api misc src test; do ln -sfn "$share/$link" "$GOROOT/$link"; done
GOPATH=$dir/path GOCACHE=$dir/cache GOFLAGS=-mod=mod CGO_ENABLED=0 PATH=$GOROOT/bin:$dir/usr/bin:$PATH
export GOROOT GOPATH GOCACHE GOFLAGS CGO_ENABLED PATH
mkdir "$dir/x"
cd "$dir/x"
printf 'module x\n\ngo 1.19\n' >go.mod
cat >x_test.go <<'GO'
package x

import (
	"os"
	"testing"
)

func TestLate(t *testing.T) {
	if _, err := os.Stat("seen"); err != nil {
		os.WriteFile("seen", nil, 0o644)
		t.Fatal("first try")
	}
}
GO
go version
code=0
gotestsum --rerun-fails --packages ./... --junitfile "$dir/out.xml" || code=$?
cat "$dir/out.xml"
cases=$(grep -c '<testcase classname="x" name="TestLate"' "$dir/out.xml")
failures=$(grep -c '<failure' "$dir/out.xml" || true)
total=$(sed -n 's/.*<testsuites .*failures="\([0-9]*\)".*/\1/p' "$dir/out.xml")
echo
echo "exit $code; $cases test cases, $failures <failure>, failures=\"$total\""
[ "$code $cases $failures $total" = "0 2 1 1" ]
