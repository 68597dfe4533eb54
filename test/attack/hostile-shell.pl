#!/usr/bin/perl
# What sshd runs instead of the login shell: pikaci's own programs, with one of their answers changed on the way. The
# file /run/hostile/answer says which: `TYPE` or `TYPE|TYPE`, the first such frame that this changes, then a line that says how, then bytes.
use strict;
use warnings;

my $command = $ENV{SSH_ORIGINAL_COMMAND} // 'exit 1';
exec '/bin/sh', '-c', $command if $command =~ /^\S*nix/;

open my $file, '<', '/run/hostile/answer' or die "no answer: $!";
binmode $file;
my ($wanted) = scalar(<$file>) =~ /^(\S+)/;
chomp(my $how = <$file>);
my $bytes = do { local $/; <$file> } // '';
my $done = 0;

open my $program, '-|', '/bin/sh', '-c', $command or die "no shell: $!";
binmode $_ for $program, \*STDOUT;
$| = 1;
while (defined(my $header = <$program>)) {
  my ($type, $length) = $header =~ /^([a-z][a-z-]*) (\d+)$/ or die "no frame: $header";
  my $body = '';
  while (length $body < $length) {
    read($program, $body, $length - length $body, length $body) or exit 1;
  }
  my $changed = !$done && $type =~ /^(?:$wanted)$/ ? changed($type, $body) : frame($type, $body);
  if (!$done && $changed ne frame($type, $body)) { note() }
  print $changed;
}
close $program;
exit($? >> 8);

# So that the test can tell whether there was anything to change.
sub note { $done = 1; open my $mark, '>', '/run/hostile/done' or die "no mark: $!" }

sub frame { my ($type, $body) = @_; return "$type " . length($body) . "\n$body" }

sub changed {
  my ($type, $body) = @_;
  if ($how eq 'body') { return frame($type, $bytes) }
  if ($how eq 'raw') { return $bytes }
  if ($how eq 'type') { return frame($bytes, $body) }
  if ($how eq 'twice') { return frame($type, $body) x 2 }
  if ($how eq 'cut') { note(); print substr(frame($type, $body), 0, -3); close $program; exit 0 }
  if ($how =~ /^replace (.*) BY (.*)$/) { my ($from, $to) = ($1, $2); $body =~ s/$from/$to/s; return frame($type, $body) }
  die "unknown: $how";
}
