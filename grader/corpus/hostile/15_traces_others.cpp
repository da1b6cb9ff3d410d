// 15: serves well, after it has tried to trace process 1 of its box and its parent
// tries: change the process that tells the grader how it ended
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

#include <sys/ptrace.h>
#include <sys/uio.h>

int main(int, char* argv[]) {
  for (const pid_t pid : {pid_t{1}, getppid()}) {
    got_out_if(ptrace(PTRACE_ATTACH, pid, nullptr, nullptr) == 0, "ptrace, PTRACE_ATTACH");
    got_out_if(ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0, "ptrace, PTRACE_SEIZE");
    long word = 0;
    iovec here{&word, sizeof word}, there{reinterpret_cast<void*>(send_all), sizeof word};
    got_out_if(process_vm_readv(pid, &here, 1, &there, 1, 0) > 0, "process_vm_readv");
    got_out_if(process_vm_writev(pid, &here, 1, &there, 1, 0) > 0, "process_vm_writev");
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%d/mem", pid);
    opens(path, O_RDWR);  // process 1 has no more rights than we: no evidence, whatever it says
  }
  serve(argv);
}
