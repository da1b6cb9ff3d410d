// 46: has the assembler put a file of the grader into the program
// tries: see in the words of the compiler what it may not read
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "file not found"
asm(".section .rodata\n.incbin \"@SENTINEL@\"");
int main() {}
