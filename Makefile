# asynclab's commands: `make` alone lists them. LAB=05 takes one lab, FROM=DIR another tree than labs/.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

LAB    ?=
FROM   ?= labs
CXX    := $(if $(filter default,$(origin CXX)),g++,$(CXX))
PYTHON := /usr/bin/python3
LABCMD := $(PYTHON) grader/lab
SETUP  := build/.setup
TESTS  := grader/tests $(addprefix support/async/,tests http_tests bindings/tests compare/tests) slides/tests

help:                      ## List the commands
	@echo "asynclab: asynchronous I/O under Linux, by building servers"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | column -t -s @
	@echo "Add LAB=05 for one lab, FROM=solutions for another tree. A student starts with: make grade LAB=01"

include support/async/build.mk support/async/bindings/build.mk support/async/experiments/build.mk
include grader/fuzz/build.mk slides/build.mk

# ---- students ----------------------------------------------------------------------------------
build: $(SETUP)            ## Compile the labs (LAB=, FROM=)
	@$(MAKE) --no-print-directory -k compile SOURCES="$(wildcard $(FROM)/$(LAB)*/.)"
grade: $(SETUP)            ## Grade a lab: LAB=05, FROM=solutions, CHECK=id, JSON=file, EXEC='./prog {port}'
	@$(LABCMD) grade $(LAB) --from "$(FROM)" $(if $(CHECK),--check $(CHECK)) $(if $(JSON),--json "$(JSON)") $(if $(EXEC),--exec '$(EXEC)')
hint: $(SETUP)             ## The next step to write, and its hint (LAB=)
	@$(LABCMD) hint $(LAB)
watch: $(SETUP)            ## Grade again whenever a file is saved (LAB=)
	@$(LABCMD) watch $(LAB)
progress: $(SETUP)         ## Where you stand in every lab, and the before/after card
	@$(LABCMD) progress
play: $(SETUP)             ## Run a check's clients against your own server: CHECK=id PORT=12345
	@$(LABCMD) play $(CHECK) --port $(or $(PORT),12345)
reset: $(SETUP)            ## Put the untouched skeleton back; your files are kept in build/saved (LAB=)
	@$(LABCMD) reset $(LAB)
doctor: $(SETUP)           ## What this machine can judge, and what is missing
	@$(LABCMD) doctor

# ---- everyone ----------------------------------------------------------------------------------
demo: $(SETUP)             ## Grade all reference solutions, print the scoreboard, write build/report/
	@$(LABCMD) demo
test: $(SETUP)-tests servers bindings ## The kit's whole test suite (PYTEST='-k name' for a part of it)
	@$(MAKE) --no-print-directory -s slides-tools || echo "without them the slides are not opened in Chromium"
	@$(PYTHON) -m pytest -n 4 -m "not alone and not thorough" $(TESTS) $(PYTEST)
	@$(PYTHON) -m pytest -m alone $(TESTS)
test-thorough: $(SETUP)-tests ## The wrong servers that `make test` leaves out: every mutant beyond one for each step
	@$(PYTHON) -m pytest -n 4 -m thorough grader/tests $(PYTEST)
servers: $(SETUP)          ## Build the request-reply servers in C++ (support/async/cpp) into build/cpp
	@$(MAKE) --no-print-directory -s -j2 -C support/async/cpp
compare: servers bindings $(SETUP)-compare ## Process models, C++ and Python, side by side: build/compare/ (ARGS=--quick)
	@$(PYTHON) support/async/compare/compare $(ARGS)
experiment: $(SETUP)       ## What an experiment of the handouts measures: NAME=herd ARGS='--json FILE'
	@$(if $(filter $(NAME),$(experiments)),,echo "error: NAME= one of: $(experiments)" >&2; exit 2)
	@$(MAKE) --no-print-directory -s build/experiments/$(NAME)
	@build/experiments/$(NAME) $(ARGS)
peer-tests: bindings $(SETUP)-peers ## CPython's own tests of selectors and asyncio on asynclab.Selector
	@PYTHONPATH=$(bindings_python) $(PYTHON) support/async/peer/peer_tests.py
setup: $(SETUP)            ## Install what is missing (done by every other command)

# ---- instructors -------------------------------------------------------------------------------
export: $(SETUP)           ## Results for other graders: FORMAT=csv FROM_RESULT=FILE|DIR OUT=FILE COURSE=course.toml VIEW=student
	@$(LABCMD) export $(if $(FORMAT),"$(FORMAT)" "$(FROM_RESULT)" $(if $(OUT),--out "$(OUT)") $(if $(COURSE),--course "$(COURSE)") $(if $(VIEW),--view "$(VIEW)"),--list)

# ---- maintainers -------------------------------------------------------------------------------
skeletons:                 ## Write labs/ anew from solutions/
	@$(PYTHON) grader/skeleton.py --write
verify: $(SETUP)           ## Prove that labs, solutions, steps, checks and mutants belong together
	@$(LABCMD) verify $(LAB)
mutants: $(SETUP)          ## The matrix check x mutant; fails on a survivor (LAB=)
	@$(LABCMD) mutants $(LAB)
fuzz: $(SETUP)-fuzz        ## Random input for the parsers of lab 06: SECONDS=30 each, FUZZ=06_upstream_reply, FROM=labs
	@$(MAKE) --no-print-directory -s -j2 $(addprefix fuzz/,$(or $(FUZZ),$(fuzz_targets))) FROM=$(if $(filter file,$(origin FROM)),solutions,$(FROM))
soak: $(SETUP)             ## Grade over and over, idle and loaded: ROUNDS=50 MUTANT_ROUNDS=3 JOBS=1 (LAB=)
	@$(LABCMD) soak $(LAB) --rounds $(or $(ROUNDS),50) --mutant-rounds $(or $(MUTANT_ROUNDS),3) --jobs $(or $(JOBS),1)
format:                    ## clang-format the C++ files
	@git ls-files '*.cpp' '*.hpp' ':!labs' | xargs clang-format -i
clean:                     ## Remove what was built (results and saved files too)
	rm -rf build

$(SETUP) $(addprefix $(SETUP)-,tests compare peers slides fuzz): grader/setup.sh
	@mkdir -p $(@D)
	@grader/setup.sh $(patsubst $(SETUP)-%,%,$(filter-out $(SETUP),$@))
	@touch $@

.PHONY: help build grade hint watch progress play reset doctor demo test test-thorough servers compare experiment
.PHONY: peer-tests setup export
.PHONY: skeletons verify mutants fuzz soak format clean
