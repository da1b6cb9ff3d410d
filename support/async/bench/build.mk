# Benchmarks: servers under the load generator (../load), each in a network of its own. Files: build/bench/results/.
bench := $(PYTHON) support/async/bench/bench
bench_tree := $(if $(filter file,$(origin FROM)),solutions,$(FROM))
bench_options = --from "$(bench_tree)" $(if $(FULL),--full) $(if $(ONLY),--only "$(ONLY)") \
  $(if $(CLIENTS),--clients "$(CLIENTS)") $(if $(SIZE),--size "$(SIZE)") $(ARGS)

bench: $(SETUP)-bench load ## Architectures from 1 to 15,000 clients, 4 minutes: FULL=1 ONLY='epoll uring' CLIENTS='1 50' SIZE=64
	@$(bench) architectures $(bench_options)
bench-peers: $(SETUP)-bench load ## Our servers beside other libraries' and web servers: FULL=1 ONLY= CLIENTS= SIZE=
	@$(bench) peers $(bench_options)
bench-growth: $(SETUP)-bench load ## CPU beside idle clients, memory, start-up: measures and draws the figures of slides and handouts
	@for figure in $(grown); do $(PYTHON) slides/figures/$$figure.py || exit; done
grown := cpu_beside_idle client_memory start_up

.PHONY: bench bench-peers bench-growth
