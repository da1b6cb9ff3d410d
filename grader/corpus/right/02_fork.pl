# right: 02 forking_echo
# run: /usr/bin/perl {source} {port}
# unlike the reference: Perl; accept() is interrupted by SIGCHLD, and is asked again

use strict;
use warnings;
use Errno;
use POSIX qw(:sys_wait_h _exit);
use Socket;

socket(my $listener, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($listener, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "bind: $!";
listen($listener, SOMAXCONN) or die "listen: $!";
$SIG{CHLD} = sub { local ($!, $?); 1 while waitpid(-1, WNOHANG) > 0 };

sub echo {
    my ($client) = @_;
    $SIG{PIPE} = 'IGNORE';
    while (1) {
        my $count = sysread($client, my $data, 5000);
        next if !defined $count && $!{EINTR};
        return if !$count;
        for (my $sent = 0; $sent < $count;) {
            my $taken = syswrite($client, $data, $count - $sent, $sent);
            return if !defined $taken && !$!{EINTR};
            $sent += $taken // 0;
        }
    }
}

while (1) {
    accept(my $client, $listener) or next;
    my $child = fork;
    if (defined $child && $child == 0) {
        close $listener;
        echo($client);
        _exit(0);
    }
    select(undef, undef, undef, 0.05) if !defined $child;
    close $client;
}
