// 28: calls itself without end
// tries: nothing: a mistake
// expected: CRASH, 0 points, says "stack-overflow"
int deeper(volatile int* above);

int (*volatile next)(volatile int*) = deeper;

int deeper(volatile int* above) {
  volatile int here[1000] = {*above};
  return next(here) + here[0];
}

int main(int argc, char*[]) {
  volatile int first = argc;
  return deeper(&first);
}
