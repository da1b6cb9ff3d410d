// 45: a constant that takes years to compute
// tries: use up the machine before anything runs
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "constexpr"
constexpr unsigned long long count() {
  unsigned long long turns = 0;
  while (turns < 1ULL << 60) ++turns;
  return turns;
}
static_assert(count() > 0);
int main() {}
