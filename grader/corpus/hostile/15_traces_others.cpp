// 15: serves well, after it has tried to change process 1 of its box and its parent
// tries: change the process that tells the grader how it ended
// checks: echoes_until_end_of_file serves_one_after_the_other the_second_client_waits_its_turn
// expected: OK, all points
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "echo.hpp"

int main(int, char* argv[]) {
  for (const pid_t pid : {pid_t{1}, getppid()}) {
    const bool attached = ptrace(PTRACE_ATTACH, pid, nullptr, nullptr) == 0;
#ifndef __SANITIZE_ADDRESS__  // LeakSanitizer has to attach to its own threads, and may no more
                              // than look
    got_out_if(attached, "PTRACE_ATTACH");
#endif
    if (attached) waitpid(pid, nullptr, __WALL);
    long word = 0;
    user_regs_struct registers{};
    got_out_if(ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0, "PTRACE_SEIZE");
    got_out_if(ptrace(PTRACE_POKEDATA, pid, &word, 1) == 0, "PTRACE_POKEDATA");
    errno = 0;
    got_out_if(ptrace(PTRACE_PEEKDATA, pid, &send_all, nullptr) != -1 || errno != EPERM,
               "PTRACE_PEEKDATA");
    got_out_if(ptrace(PTRACE_SETREGS, pid, nullptr, &registers) == 0, "PTRACE_SETREGS");
    iovec here{&word, sizeof word}, there{reinterpret_cast<void*>(send_all), sizeof word};
    got_out_if(process_vm_readv(pid, &here, 1, &there, 1, 0) > 0, "process_vm_readv");
    got_out_if(process_vm_writev(pid, &here, 1, &there, 1, 0) > 0, "process_vm_writev");
    if (attached) ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  }
  serve(argv);
}
