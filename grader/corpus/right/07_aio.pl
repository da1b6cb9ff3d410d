# right: 07 aio_demo
# run: perl {source}
# unlike the reference: Perl, system calls by their numbers, a sender that is a process
#
# Memory for O_DIRECT has to be aligned, and Perl aligns nothing: mmap() does, of which it takes only
# the address.

use strict;
use warnings;
use Fcntl;
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $arm = `uname -m` =~ /aarch64/;
my ($setup, $submit, $getevents, $mmap) = $arm ? (0, 2, 4, 222) : (206, 209, 208, 9);
my %error = (EAGAIN => 11, EINVAL => 22, EBADF => 9, EFAULT => 14);
my %name_of = reverse %error;
my ($size, $path) = (4 << 20, @ARGV ? $ARGV[0] : "aio_demo.tmp");
if (!@ARGV) {
    open(my $made, '>', $path) or die "open: $!";
    print $made 'x' x $size;
}
my $memory = syscall($mmap, 0, $size, 3, 0x22, -1, 0);  # PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANON
my $context = pack('Q', 0);
syscall($setup, 4, $context) == 0 or die "io_setup: $!";
my ($context_id) = unpack('Q', $context);

sub microseconds { return int(1e6 * (clock_gettime(CLOCK_MONOTONIC) - $_[0])) }

sub told {
    my ($name, $result, @rest) = @_;
    my $said = $result < 0 ? 'error=' . ($name_of{-$result} // -$result) : "bytes=$result";
    print join(' ', $name, $said, @rest), "\n";
}

sub experiment {
    my ($name, $handle, $length) = @_;
    my $iocb = pack('Q L l S s L Q Q q Q L L', 0, 0, 0, 0, 0, fileno($handle), $memory, $length,
        0, 0, 0, 0);
    my $pointers = pack('P', $iocb);
    my $event = "\0" x 32;
    my $begin = clock_gettime(CLOCK_MONOTONIC);
    my $submitted = syscall($submit, $context_id, 1, $pointers);
    my $took = microseconds($begin);
    return told($name, -$!, "submit_us=$took", 'total_us=0', 'complete_on_return=no')
        if $submitted != 1;
    my $found = syscall($getevents, $context_id, 0, 1, $event, 0);
    syscall($getevents, $context_id, 1, 1, $event, 0) == 1 or die "io_getevents: $!" if $found != 1;
    my (undef, undef, $result) = unpack('Q Q q q', $event);
    my $total = microseconds($begin);
    told($name, $result, "submit_us=$took", "total_us=$total",
        'complete_on_return=' . ($found == 1 ? 'yes' : 'no'));
}

sub file {
    my ($name, $flags) = @_;
    sysopen(my $file, $path, O_RDONLY | $flags) or return told($name, -$!);
    experiment($name, $file, $size);
}

sub sockets {
    my ($name, $nonblocking) = @_;
    socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0) or die "socketpair: $!";
    fcntl($ours, F_SETFL, O_NONBLOCK) if $nonblocking;
    my $child = fork();
    if (!$child) {
        select(undef, undef, undef, 0.2);
        syswrite($theirs, 'x');
        exec('true');
    }
    experiment($name, $ours, 1);
    waitpid($child, 0);
}

$| = 1;
my $direct = $arm ? 0200000 : 040000;
print "sizes iocb=", length(pack('Q L l S s L Q Q q Q L L', (0) x 12)), " pointer=",
    length(pack('P', 'x')), " io_event=", length(pack('QQqq', (0) x 4)), " together=", 64 + 8 + 32,
    "\n";
file('buffered', 0);
file('direct', $direct);
sockets('socket', 0);
sockets('socket_nonblocking', 1);
unlink($path) if !@ARGV;
