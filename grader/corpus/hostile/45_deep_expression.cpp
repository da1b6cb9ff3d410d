// 45: an expression too deep for the stack of the compiler
// tries: end the compiler
// checks: echoes_until_end_of_file
// expected: COMPILE_LIMIT, 0 points, says "the compiler crashed on your source"
#define M0 M1 M1 M1 M1
#define M1 M2 M2 M2 M2
#define M2 M3 M3 M3 M3
#define M3 M4 M4 M4 M4
#define M4 M5 M5 M5 M5
#define M5 M6 M6 M6 M6
#define M6 M7 M7 M7 M7
#define M7 M8 M8 M8 M8
#define M8 M9 M9 M9 M9
#define M9 (
int main() { return M0 1; }
