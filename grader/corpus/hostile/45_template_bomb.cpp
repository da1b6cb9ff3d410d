// 45: a template that needs itself, twice, for each depth
// tries: use up the machine before anything runs
// checks: echoes_until_end_of_file
// expected: COMPILE_LIMIT, 0 points, says "the compiler needed more than"
template <int depth, int way>
struct Bomb {
  static constexpr int value =
      Bomb<depth - 1, 2 * way>::value + Bomb<depth - 1, 2 * way + 1>::value;
};
template <int way>
struct Bomb<0, way> {
  static constexpr int value = 1;
};
int main() { return Bomb<26, 0>::value; }
