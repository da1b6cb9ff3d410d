// 46: includes the solution as the grader itself might name it
// tries: see in the words of the compiler what it may not read
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "No such file"
#include "/kit/solutions/01-blocking/blocking_echo.cpp"
