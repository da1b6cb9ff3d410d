# What is not for students: the whole kit at work, what proves it, and how it is given out. Included by
# the top Makefile; `make dist` leaves this file out, and with it every target below.
TESTS  := grader/tests $(addprefix support/async/,tests http_tests bindings/tests compare/tests load/tests bench/tests bench/peers/tests) slides/tests
setups := tests compare peers slides fuzz bench# what setup.sh installs beyond what the labs need

include $(addsuffix /build.mk,$(addprefix support/async/,bindings load bench bench/peers) grader/fuzz slides)

# ---- everyone ----------------------------------------------------------------------------------
demo: $(SETUP)             ## Grade all reference solutions, print the scoreboard, write build/report/
	@$(LABCMD) demo
test: $(SETUP)-tests servers bindings load ## The kit's whole test suite (PYTEST='-k name' for a part of it)
	@$(MAKE) --no-print-directory -s slides-tools || echo "without them the slides are not opened in Chromium"
	@env -u MAKEFLAGS -u MAKELEVEL $(PYTHON) -m pytest -n 4 -m "not alone and not thorough" $(TESTS) $(PYTEST)
	@env -u MAKEFLAGS -u MAKELEVEL $(PYTHON) -m pytest -m alone $(TESTS)
test-thorough: $(SETUP)-tests ## The wrong servers that `make test` leaves out: every mutant beyond one for each program, long proofs
	@env -u MAKEFLAGS -u MAKELEVEL $(PYTHON) -m pytest -n 4 -m thorough grader/tests $(PYTEST)
servers: $(SETUP)          ## Build the request-reply servers in C++ (support/async/cpp) into build/cpp
	@$(MAKE) --no-print-directory -s -j2 -C support/async/cpp
compare: servers bindings $(SETUP)-compare ## Process models, C++ and Python, side by side: build/compare/ (ARGS=--quick)
	@$(PYTHON) support/async/compare/compare $(ARGS)
peer-tests: bindings $(SETUP)-peers ## CPython's own tests of selectors and asyncio on asynclab.Selector
	@PYTHONPATH=$(bindings_python) $(PYTHON) support/async/peer/peer_tests.py

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

# ---- instructors -------------------------------------------------------------------------------
class: $(SETUP)            ## Grade a class: SUBMISSIONS=DIR OUT=DIR ARGS='--lab 05 --resume'
	@$(if $(and $(SUBMISSIONS),$(OUT)),,echo "error: say which: make class SUBMISSIONS=DIR OUT=DIR" >&2; exit 2)
	@$(LABCMD) class "$(SUBMISSIONS)" --out "$(OUT)" $(ARGS)
class-bench: $(SETUP)      ## Grade a made-up class: submissions a minute and core (SIZE=200 OUT=build/class)
	@$(PYTHON) grader/classroom/sample_class.py $(or $(OUT),build/class) --size $(or $(SIZE),200) --grade $(ARGS)
bench-grader: $(SETUP)     ## The grader's own speed: time and CPU per lab and check, watch, submissions a minute (LAB="01 05" JSON=FILE ARGS=--built)
	@grader/bench/bench_grader.py $(LAB) $(if $(JSON),--json "$(JSON)") $(ARGS)
export: $(SETUP)           ## Results for other graders: FORMAT=csv FROM_RESULT=FILE|DIR OUT=FILE COURSE=course.toml VIEW=student
	@$(LABCMD) export $(if $(FORMAT),"$(FORMAT)" "$(FROM_RESULT)" $(if $(OUT),--out "$(OUT)") $(if $(COURSE),--course "$(COURSE)") $(if $(VIEW),--view "$(VIEW)"),--list)
dist: $(SETUP)             ## The students' archive: LABS="01 02", REVEAL=05, COURSE=course.toml, OUT=build/dist
	@$(LABCMD) dist --labs "$(LABS)" --reveal "$(REVEAL)" $(if $(COURSE),--course "$(COURSE)") --out "$(or $(OUT),build/dist)"

.PHONY: demo test test-thorough servers compare peer-tests skeletons verify mutants fuzz soak format class class-bench bench-grader export dist
