#!/bin/sh
# GoogleTest 1.12.1 (Debian 12, libgtest-dev), `--gtest_repeat=2 --gtest_output=xml:FILE`: a test that fails in the first round
# and passes in the second.
# Guess: the file has both rounds, or at least the failure, since the program exits with 1.
# Seen: each round writes the file anew. It has the last round alone: failures="0", and no `<failure>`.
# So: where tests are repeated to find flaky ones, the file of a red run can be green. Let each round write a file of its own.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq libgtest-dev=1.12.1-0.2 g++-12=12.2.0-14+deb12u1 gcc-12=12.2.0-14+deb12u1 cpp-12=12.2.0-14+deb12u1 \
  libgcc-12-dev=12.2.0-14+deb12u1 libstdc++-12-dev=12.2.0-14+deb12u1 libc6-dev=2.36-9+deb12u14 linux-libc-dev \
  binutils-x86-64-linux-gnu=2.40-2 libbinutils=2.40-2 libctf0=2.40-2 libctf-nobfd0=2.40-2 libgprofng0=2.40-2 libjansson4=2.14-2 \
  libisl23=0.25-1.1 libmpc3=1.3.1-1 libmpfr6=4.2.0-1 libgmp10=2:6.2.1+dfsg1-1.1 libcc1-0=12.2.0-14+deb12u1 \
  libc6=2.36-9+deb12u14 libstdc++6=12.2.0-14+deb12u1 libgcc-s1=12.2.0-14+deb12u1 2>/dev/null &&
  for package in *.deb; do dpkg-deb -x "$package" .; done && rm -- *.deb)
[ -e "$dir/lib64" ] || ln -s usr/lib64 "$dir/lib64"
cat >"$dir/late.cc" <<'CPP'
#include <gtest/gtest.h>
static int rounds = 0;
TEST(Late, Passes) { EXPECT_EQ(++rounds, 2); }
CPP
for name in as ld; do ln -sfn "x86_64-linux-gnu-$name" "$dir/usr/bin/$name"; done
(
  LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu
  export LD_LIBRARY_PATH
  "$dir/usr/bin/x86_64-linux-gnu-g++-12" --sysroot="$dir" -B"$dir/usr/bin" -O0 -o "$dir/late" "$dir/late.cc" -lgtest -lgtest_main -lpthread
)
code=0
"$dir/late" --gtest_repeat=2 --gtest_output="xml:$dir/out.xml" || code=$?
cat "$dir/out.xml"
total=$(sed -n 's/.*<testsuites .*failures="\([0-9]*\)".*/\1/p' "$dir/out.xml")
failures=$(grep -c '<failure' "$dir/out.xml" || true)
echo "exit $code; failures=\"$total\", $failures <failure>"
[ "$code $total $failures" = "1 0 0" ]
