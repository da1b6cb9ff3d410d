# `make fuzz`: libFuzzer (clang) on what parses bytes from outside. The name of a target begins with the
# number of its lab. Inputs that found something new stay in build/fuzz/corpus, what breaks one in FOUND.
FOUND        ?= build/fuzz/found
fuzz_targets := $(basename $(notdir $(wildcard grader/fuzz/*.cpp)))
fuzz_seconds  = $(if $(filter environment command,$(firstword $(origin SECONDS))),$(SECONDS),30)
fuzz_flags   := -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -MMD
fuzz_lab      = $(wildcard $(FROM)/$(firstword $(subst _, ,$*))-*)

build/fuzz/$(FROM)/%: grader/fuzz/%.cpp
	@mkdir -p $(@D)
	clang++ $(fuzz_flags) -Isupport/async/include -I$(fuzz_lab) $< -o $@
fuzz/%: build/fuzz/$(FROM)/%
	@mkdir -p build/fuzz/corpus/$* $(FOUND)
	@$< -max_total_time=$(fuzz_seconds) -max_len=30000 -timeout=10 \
	  -artifact_prefix=$(FOUND)/$*- build/fuzz/corpus/$* grader/fuzz/corpus/$* >build/fuzz/$*.log 2>&1 || \
	  { tail -n 40 build/fuzz/$*.log >&2; exit 1; }
	@echo "$*: $$(sed -n 's/^Done \(.*\)/\1/p' build/fuzz/$*.log), nothing found"
-include $(wildcard build/fuzz/$(FROM)/*.d)
