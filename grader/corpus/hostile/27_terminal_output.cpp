// 27: prints what moves the cursor, sets titles and turns the direction of writing
// tries: change what the teacher's terminal and pages show
// expected: EXITED, 0 points, says "\x1b[2J"
#include "echo.hpp"

int main(int, char*[]) {
  std::fputs("\x1b[2J\x1b[H\x1b]0;graded: 100\x07 <script>alert(1)</script>\n", stderr);
  std::fputs(
      "\xe2\x80\xae"
      "001 :erocs\xe2\x80\xac \xc2\x9b"
      "31m \xff\xfe",
      stderr);
  std::fputc('\0', stderr);
  std::fputs("\r100 points\n", stderr);
  return 5;
}
