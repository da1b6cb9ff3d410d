# right: 01 blocking_echo
# run: /usr/bin/perl {source} {port}
# unlike the reference: Perl; sysread and syswrite with an offset into the string, 64 KiB

use strict;
use warnings;
use Errno;
use Socket;

$SIG{PIPE} = 'IGNORE';
socket(my $listener, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($listener, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "bind: $!";
listen($listener, SOMAXCONN) or die "listen: $!";

sub send_all {
    my ($client, $data) = @_;
    my $sent = 0;
    while ($sent < length $data) {
        my $count = syswrite($client, $data, length($data) - $sent, $sent);
        if    (defined $count) { $sent += $count }
        elsif (!$!{EINTR})     { return 0 }
    }
    return 1;
}

sub serve {
    my ($client) = @_;
    while (1) {
        my $count = sysread($client, my $data, 65536);
        if    (!defined $count) { next if $!{EINTR}; return }
        elsif ($count == 0)     { return }
        send_all($client, $data) or return;
    }
}

while (1) {
    if (accept(my $client, $listener)) {
        serve($client);
        close $client;
    }
    elsif (!$!{EINTR}) {
        select(undef, undef, undef, 0.1);    # out of descriptors: not the end of the server
    }
}
