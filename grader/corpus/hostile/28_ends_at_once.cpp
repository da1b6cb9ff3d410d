// 28: ends before it listens
// tries: nothing: a mistake
// expected: EXITED, 0 points, says "status 0 before it listened"
int main() { return 0; }
