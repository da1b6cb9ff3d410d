// 33: serves well, after it has opened settings of the kernel for writing
// tries: run a program as root of the machine with the next core dump
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

int main(int, char* argv[]) {
  for (const char* path :
       {"/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sys/fs/file-max",
        "/proc/sysrq-trigger", "/proc/sys/kernel/modprobe", "/proc/sys/net/ipv4/ip_forward",
        "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/dev/mem", "/dev/kmsg",
        "/dev/sda", "/dev/vda"})
    got_out_if(opens(path, O_WRONLY), path);
  serve(argv);
}
