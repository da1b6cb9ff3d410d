// 47: an error whose words clear the screen
// tries: change what the terminal of the teacher shows
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "\x1b[2J"
#error ESC_HERE[2JESC_HERE]0;graded: 100ESC_HERE\\
int main() {}
