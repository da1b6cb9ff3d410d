// 19: listens on the next port
// tries: nothing: a mistake
// expected: NO_LISTEN, 0 points, says "it was asked for"
#include "echo.hpp"

int main(int, char* argv[]) { serve(listen_on(atoi(argv[1]) + 1)); }
