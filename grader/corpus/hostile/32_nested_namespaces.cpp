// 32: serves well, after it has tried to be root of namespaces of its own
// tries: reach parts of the kernel that only root sees
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include <sched.h>
#include <sys/mount.h>

#include "echo.hpp"

int main(int, char* argv[]) {
  for (const int flag : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWIPC,
                         CLONE_NEWUTS, CLONE_NEWCGROUP}) {
    got_out_if(unshare(flag) == 0, "unshare");
    const long child = syscall(SYS_clone, flag | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (child == 0) _exit(0);
    got_out_if(child > 0, "clone with a namespace");
  }
  got_out_if(mount("none", "/tmp", "tmpfs", 0, nullptr) == 0, "mount");
  got_out_if(mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0, "remount");
  got_out_if(umount2("/proc", MNT_DETACH) == 0, "umount");
  got_out_if(chroot("/tmp") == 0, "chroot");
  got_out_if(setuid(0) == 0 || setgid(0) == 0, "setuid");
  got_out_if(open("/proc/1/ns/net", O_RDONLY) >= 0 && syscall(SYS_setns, 3, 0) == 0, "setns");
  serve(argv);
}
