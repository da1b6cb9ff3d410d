# right: 04 select_echo
# run: /usr/bin/perl {source} {port}
# unlike the reference: Perl; bit strings that grow with vec(), so FD_SETSIZE is no limit; mark of 30,000 bytes

use strict;
use warnings;
use Errno;
use IO::Handle;
use Socket;

use constant HIGH => 30_000;

$SIG{PIPE} = 'IGNORE';
socket(my $listener, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($listener, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "bind: $!";
listen($listener, SOMAXCONN) or die "listen: $!";
$listener->blocking(0);

my ($inputs, $outputs, %clients) = ('', '');
vec($inputs, fileno $listener, 1) = 1;

sub welcome {
    if (!accept(my $socket, $listener)) {
        select(undef, undef, undef, 0.1) if $!{EMFILE} || $!{ENFILE};
    }
    else {
        $socket->blocking(0);
        $clients{fileno $socket} = {socket => $socket, waiting => '', finished => 0};
        vec($inputs, fileno $socket, 1) = 1;
    }
}

sub advance {
    my ($client, $input, $output) = @_;
    my $count;
    if ($input) {
        $count = sysread $client->{socket}, $client->{waiting}, HIGH - length $client->{waiting},
            length $client->{waiting};
        if    (defined $count)              { $client->{finished} = 1 if $count == 0 }
        elsif (!$!{EAGAIN} && !$!{EINTR}) { return 0 }
    }
    if ($output || $count) {
        my $sent = syswrite $client->{socket}, $client->{waiting};
        if    (defined $sent)               { substr($client->{waiting}, 0, $sent) = '' }
        elsif (!$!{EAGAIN} && !$!{EINTR}) { return 0 }
    }
    return length $client->{waiting} || !$client->{finished};
}

while (1) {
    my $ready = select(my $readable = $inputs, my $writable = $outputs, undef, undef);
    next if $ready < 0;
    for my $fd (keys %clients) {
        my ($input, $output) = (vec($readable, $fd, 1), vec($writable, $fd, 1));
        next unless $input || $output;
        my $client  = $clients{$fd};
        my $goes_on = advance($client, $input, $output);
        my $waiting = length $client->{waiting};
        vec($inputs,  $fd, 1) = $goes_on && !$client->{finished} && $waiting < HIGH ? 1 : 0;
        vec($outputs, $fd, 1) = $goes_on && $waiting ? 1 : 0;
        delete $clients{$fd} unless $goes_on;
    }
    welcome() if vec($readable, fileno $listener, 1);
}
