http_server.o: solutions/06-state-machine/http_server.cpp \
 solutions/06-state-machine/answering.hpp \
 solutions/06-state-machine/connection.hpp \
 support/async/include/async/file_descriptor.hpp \
 support/async/include/async/todo.hpp \
 solutions/06-state-machine/gateway.hpp \
 solutions/06-state-machine/body_decoder.hpp \
 solutions/06-state-machine/target.hpp \
 solutions/06-state-machine/request.hpp \
 solutions/06-state-machine/response.hpp \
 solutions/06-state-machine/upstream.hpp \
 solutions/06-state-machine/upstream_head.hpp \
 solutions/06-state-machine/parser_table.hpp \
 solutions/06-state-machine/incoming.hpp \
 solutions/06-state-machine/outgoing.hpp \
 support/async/include/async/check.hpp \
 solutions/06-state-machine/files.hpp \
 solutions/06-state-machine/request_parser.hpp \
 solutions/06-state-machine/request_fields.hpp \
 solutions/06-state-machine/site.hpp solutions/05-epoll/event_loop.hpp \
 solutions/06-state-machine/open_files.hpp \
 support/async/include/async/timer.hpp \
 solutions/06-state-machine/upload.hpp \
 support/async/include/async/program.hpp \
 support/async/include/async/arguments.hpp \
 support/async/include/async/socket.hpp \
 solutions/06-state-machine/deadlines.hpp \
 solutions/06-state-machine/receiving.hpp \
 solutions/06-state-machine/relaying.hpp
solutions/06-state-machine/answering.hpp:
solutions/06-state-machine/connection.hpp:
support/async/include/async/file_descriptor.hpp:
support/async/include/async/todo.hpp:
solutions/06-state-machine/gateway.hpp:
solutions/06-state-machine/body_decoder.hpp:
solutions/06-state-machine/target.hpp:
solutions/06-state-machine/request.hpp:
solutions/06-state-machine/response.hpp:
solutions/06-state-machine/upstream.hpp:
solutions/06-state-machine/upstream_head.hpp:
solutions/06-state-machine/parser_table.hpp:
solutions/06-state-machine/incoming.hpp:
solutions/06-state-machine/outgoing.hpp:
support/async/include/async/check.hpp:
solutions/06-state-machine/files.hpp:
solutions/06-state-machine/request_parser.hpp:
solutions/06-state-machine/request_fields.hpp:
solutions/06-state-machine/site.hpp:
solutions/05-epoll/event_loop.hpp:
solutions/06-state-machine/open_files.hpp:
support/async/include/async/timer.hpp:
solutions/06-state-machine/upload.hpp:
support/async/include/async/program.hpp:
support/async/include/async/arguments.hpp:
support/async/include/async/socket.hpp:
solutions/06-state-machine/deadlines.hpp:
solutions/06-state-machine/receiving.hpp:
solutions/06-state-machine/relaying.hpp:
