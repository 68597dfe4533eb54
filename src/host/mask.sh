# shellcheck shell=sh
# shellcheck disable=SC2034  # the guard starts it
# The program between a job with secrets and its log on the disk; docs/guard.md. It is Perl's, which reads bytes with a
# deadline; no POSIX shell does. On stdin: how many texts are masked, then each in hex, a line each, the longest first
# (src/core/secret-texts.ts says which). Its arguments are the log's pipe and how many seconds what may be the beginning of a text
# is held at most: until then more has come, or nothing will; and a file for how many bytes it has read, since what it writes
# has another length. Ends with 1 when the log cannot be written, with 3 when stdin is not whole.
# shellcheck disable=SC2016
mask_filter='
  use strict;
  binmode $_ for *STDIN, *STDOUT;
  my ($count, @texts) = map { s/\n\z// ? $_ : exit 3 } <STDIN>;
  exit 3 if !defined $count || $count ne @texts || grep { !/\A(?:[0-9a-f]{2})+\z/ } @texts;
  @texts = map { pack "H*", $_ } @texts;
  my $longest = @texts ? length $texts[0] : 0;
  # Perl looks for many short texts at once, not for long ones: how a text begins is looked for, then all of it.
  my %begin = map { quotemeta(substr $_, 0, 64) => 1 } @texts;
  my $begin = @texts ? join "|", sort keys %begin : "(?!)";
  $begin = qr/$begin/;
  open my $log, "<", $ARGV[0] or exit 4;
  open my $counted, ">", $ARGV[2] or exit 1;
  my $total = 0;

  # EINTR is 4.
  sub show {
    my $at = 0;
    while ($at < length $_[0]) {
      my $n = syswrite STDOUT, $_[0], length($_[0]) - $at, $at;
      defined $n ? $at += $n : $! == 4 || exit 1;
    }
  }

  # Who waits for it does so for a while only.
  sub count {
    $total += $_[0];
    sysseek $counted, 0, 0 and syswrite $counted, $total;
  }

  # Where the longest end begins that may become a text: of each text the first place from $at on.
  sub held_from {
    my ($data, $at) = @_;
    my $end = length $$data;
    my $held = $end;
    for my $text (@texts) {
      my $from = $end - length($text) + 1;
      $from = $at if $from < $at;
      while (($from = index $$data, substr($text, 0, 1), $from) >= 0 && $from < $held) {
        if (substr($$data, $from) eq substr $text, 0, $end - $from) { $held = $from; last }
        $from++;
      }
    }
    return $held;
  }

  # The longest text that is there at this place, or none.
  sub text_at {
    my ($data, $at) = @_;
    for my $text (@texts) { return $text if substr($$data, $at, length $text) eq $text }
    return undef;
  }

  # Shows what is certain, of the last piece all; returns the rest.
  sub mask {
    my ($data, $last) = @_;
    my ($at, $from, $held, $shown) = (0, 0, $last ? length $data : held_from(\$data, 0), "");
    for (;;) {
      pos($data) = $from;
      last if $data !~ /$begin/g || $-[0] >= $held;
      $from = $-[0];
      my $text = text_at(\$data, $from);
      if (!defined $text) { $from++; next }
      $shown .= substr($data, $at, $from - $at) . "***";
      $at = $from = $from + length $text;
      $held = held_from(\$data, $at) if $at > $held;
    }
    show($shown . substr $data, $at, $held - $at);
    return substr $data, $held;
  }

  my $rest = "";
  count(0);
  vec(my $ready = "", fileno $log, 1) = 1;
  for (;;) {
    my $n = select my $readable = $ready, undef, undef, $rest eq "" ? undef : $ARGV[1];
    if ($n == 0) { $rest = mask($rest, 1); next }
    $n = sysread $log, my $piece, 65536 if $n > 0;
    if (!defined $n || $n < 0) { $! == 4 ? next : exit 4 }
    last if $n == 0;
    $rest = mask($rest . $piece, 0);
    count($n);
  }
  mask($rest, 1);'
