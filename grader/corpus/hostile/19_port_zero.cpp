// 19: lets the kernel choose the port
// tries: nothing: a mistake
// expected: NO_LISTEN, 0 points, says "it was asked for"
#include "echo.hpp"

int main(int, char*[]) { serve(listen_on(0)); }
