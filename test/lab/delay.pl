#!/usr/bin/perl
# Delays packets between two new tun devices: delay.pl NEAR FAR. Says "ready" when they exist, then
# reads the one-way delay in milliseconds from stdin, one line a change; ends with its stdin.
use strict;
use warnings;
use Fcntl qw(O_RDWR O_NONBLOCK);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use constant { TUNSETIFF => 0x400454ca, IFF_TUN_NO_PI => 0x1001 };

sub tun {
    my ($name) = @_;
    sysopen(my $device, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "/dev/net/tun: $!\n";
    ioctl($device, TUNSETIFF, pack('a16 s x22', $name, IFF_TUN_NO_PI)) or die "$name: $!\n";
    return $device;
}

my ($near, $far) = map { tun($_) } @ARGV;
my %other = (fileno($near) => $far, fileno($far) => $near);
my ($delay, @queue) = (0);
syswrite(STDOUT, "ready\n");

while (1) {
    my $wait = @queue ? $queue[0][0] - clock_gettime(CLOCK_MONOTONIC) : undef;
    my $ready = '';
    vec($ready, fileno($_), 1) = 1 for (*STDIN, $near, $far);
    select($ready, undef, undef, defined $wait && $wait < 0 ? 0 : $wait);
    my $now = clock_gettime(CLOCK_MONOTONIC);
    if (vec($ready, fileno(STDIN), 1)) {
        sysread(STDIN, my $line, 4096) or exit;
        $delay = $1 / 1000 if $line =~ /([\d.]+)\n\z/;
    }
    for my $in ($near, $far) {
        while (sysread($in, my $packet, 65536)) {
            push @queue, [$now + $delay, $other{ fileno($in) }, $packet];
        }
    }
    while (@queue && $queue[0][0] <= $now) {
        my ($due, $out, $packet) = @{ shift @queue };
        syswrite($out, $packet);    # a device that is down loses it, as a wire would
    }
}
