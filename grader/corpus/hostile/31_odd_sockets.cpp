// 31: serves well, after it has tried keys of the kernel and sockets that no lab needs
// tries: leave the box by what has no namespace
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

int main(int, char* argv[]) {
  got_out_if(syscall(SYS_keyctl, 0, -3, 0) >= 0, "keyctl");
  got_out_if(syscall(SYS_add_key, "user", "asynclab", "x", 1, -3) >= 0, "add_key");
  for (const int family : {AF_VSOCK, AF_NETLINK, AF_PACKET, AF_ALG, AF_BLUETOOTH, AF_KEY, AF_X25})
    got_out_if(socket(family, SOCK_RAW, 0) >= 0 || socket(family, SOCK_STREAM, 0) >= 0 ||
                   socket(family, SOCK_DGRAM, 0) >= 0 || socket(family, SOCK_SEQPACKET, 0) >= 0,
               "a socket of an odd family");
  got_out_if(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0, "a raw socket");
  got_out_if(syscall(SYS_bpf, 0, nullptr, 0) >= 0 || errno != EPERM, "bpf");
  got_out_if(syscall(SYS_io_uring_setup, 4, nullptr) >= 0 || errno != ENOSYS,
             "a ring in a lab without");
  got_out_if(syscall(SYS_userfaultfd, 0) >= 0, "userfaultfd");
  serve(argv);
}
