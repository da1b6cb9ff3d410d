# The peers that our servers are measured against: one program a source, into build/bench/peers/.
#   make -k bench-peers-build            all of them; one that does not compile leaves the others alone
#   make build/bench/peers/libev         one
peers_source := support/async/bench/peers
peers_built  := build/bench/peers
peers_names  := libuv_try_write libuv_write libevent_bufferevent libevent_event libev \
  asio_epoll asio_io_uring asio_coroutines go_net threads liburing_example
peers_programs := $(addprefix $(peers_built)/,$(peers_names))

bench-peers-build: $(peers_programs)  ## Build the peers of `make bench-peers` (-k: those that can be built)

$(peers_built)/libuv_%: PEER_LIBRARIES = -luv
$(peers_built)/libevent_%: PEER_LIBRARIES = -levent_core
$(peers_built)/libev: PEER_LIBRARIES = -lev
$(peers_built)/liburing_example: PEER_LIBRARIES = -luring
$(peers_built)/asio_io_uring: PEER_LIBRARIES = -DASIO_HAS_IO_URING -DASIO_DISABLE_EPOLL -luring

$(peers_built)/libuv_try_write: grader/corpus/right/05_libuv.c
$(peers_built)/asio_epoll $(peers_built)/asio_io_uring: $(peers_source)/asio_callbacks.cpp
$(peers_built)/asio_coroutines: $(peers_source)/asio_coroutines.cpp
$(peers_built)/asio_%:
	@mkdir -p $(@D)
	$(CXX) -std=c++20 -DASIO_STANDALONE -O2 -Wall -Wextra $< $(PEER_LIBRARIES) -pthread -o $@
$(peers_built)/go_%: $(peers_source)/go_%.go
	@mkdir -p $(@D)
	GOCACHE=$(abspath build)/go-cache GOFLAGS=-trimpath GOTOOLCHAIN=local go build -o $@ $<
$(peers_built)/%: $(peers_source)/%.c
	@mkdir -p $(@D)
	$(PEER_CC) $< $(PEER_LIBRARIES) -pthread -o $@
$(peers_built)/libuv_try_write:
	@mkdir -p $(@D)
	$(PEER_CC) $< $(PEER_LIBRARIES) -pthread -o $@
PEER_CC = gcc -std=gnu17 -O2 -Wall -Wextra -Wno-unused-result

.PHONY: bench-peers-build
