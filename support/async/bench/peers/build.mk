# The peers that our servers are measured against, into build/bench/peers/. `make bench-peers-build`
# builds all that can be built; what fails (its library is missing) leaves the others alone.
peers_source := support/async/bench/peers
peers_built  := build/bench/peers
peers_own    := libuv_write libevent_bufferevent libevent_event libev threads liburing_example
peers_c      := $(addprefix $(peers_built)/,$(peers_own) libuv_try_write liburing_example_64k)
peers_asio   := $(addprefix $(peers_built)/asio_,epoll io_uring coroutines)
peers_go     := $(peers_built)/go_net

bench-peers-build:         ## Build the peers of `make bench-peers` whose libraries are here
	@$(MAKE) --no-print-directory -s -k $(peers_c) $(peers_asio) $(peers_go) || true

$(addprefix $(peers_built)/,$(peers_own)): $(peers_built)/%: $(peers_source)/%.c
$(peers_built)/libuv_try_write: grader/corpus/right/05_libuv.c
$(peers_built)/liburing_example_64k: $(peers_source)/liburing_example.c
$(filter-out %coroutines,$(peers_asio)): $(peers_source)/asio_callbacks.cpp
$(peers_built)/asio_coroutines: $(peers_source)/asio_coroutines.cpp
$(peers_go): $(peers_source)/go_net.go

$(peers_built)/libuv_%: peer_needs = -luv
$(peers_built)/libevent_%: peer_needs = -levent_core
$(peers_built)/libev: peer_needs = -lev
$(peers_built)/liburing_%: peer_needs = -luring
$(peers_built)/liburing_example_64k: peer_needs = -DSIZE=65536 -luring
$(peers_built)/asio_io_uring: peer_needs = -DASIO_HAS_IO_URING -DASIO_DISABLE_EPOLL -luring

$(peers_c):
	@mkdir -p $(@D)
	gcc -std=gnu17 -O2 -Wall -Wextra $< $(peer_needs) -pthread -o $@
$(peers_asio):
	@mkdir -p $(@D)
	$(CXX) -std=c++20 -DASIO_STANDALONE -O2 -Wall -Wextra $< $(peer_needs) -pthread -o $@
$(peers_go):
	@mkdir -p $(@D)
	GOCACHE=$(abspath build)/go-cache GOTOOLCHAIN=local go build -trimpath -o $@ $<

.PHONY: bench-peers-build
