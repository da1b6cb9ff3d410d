request_parser_test.o: \
 grader/whitebox/06-state-machine/request_parser_test.cpp \
 solutions/06-state-machine/request_parser.hpp \
 support/async/include/async/todo.hpp \
 solutions/06-state-machine/parser_table.hpp \
 solutions/06-state-machine/request.hpp \
 solutions/06-state-machine/request_fields.hpp \
 grader/whitebox/06-state-machine/../ended.hpp
solutions/06-state-machine/request_parser.hpp:
support/async/include/async/todo.hpp:
solutions/06-state-machine/parser_table.hpp:
solutions/06-state-machine/request.hpp:
solutions/06-state-machine/request_fields.hpp:
grader/whitebox/06-state-machine/../ended.hpp:
