// 02: serves well, after it has put memory where no process is charged for it
// tries: take memory that nobody counts: files and segments without a name, full socket buffers
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "echo.hpp"

int main(int, char* argv[]) {
  got_out_if(memfd_create("hoard", 0) >= 0, "memfd_create");
  got_out_if(shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600) >= 0, "shmget");
  got_out_if(semget(IPC_PRIVATE, 1, IPC_CREAT | 0600) >= 0, "semget");
  serve(argv);
}
