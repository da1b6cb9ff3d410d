// 54: no code at all
// tries: nothing: the wrong file was handed in
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "main"
