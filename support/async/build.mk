# How a lab is compiled, whichever tree it lies in. Used by `make build` and, one lab at a time, by the
# grader: SOURCE=dir with the files, OUT=where to, LAB_NAME=05-epoll, WANTED=the executables.
#   OUT/release/05-epoll/epoll_echo      optimised: for measuring CPU and system calls
#   OUT/sanitized/05-epoll/epoll_echo    AddressSanitizer and UBSan: for judging behaviour
#   OUT/threadsan/05-epoll/epoll_echo    ThreadSanitizer: for finding data races, where a check asks for it
#   OUT/whitebox/05-epoll/...            GoogleTest suites against the student's own class
WARNINGS  := -Wall -Wextra -Wpedantic -Werror -Wno-unused -Wno-unused-parameter
CXXFLAGS  ?= -g
override CXXFLAGS += -std=c++20 $(WARNINGS) -Isupport/async/include -MMD -MP -pthread -pipe
release   := -O2
# null and alignment: a test at each access made compiling take a third longer. A null pointer that is
# used is AddressSanitizer's as well; no lab's code is at home on a machine that minds alignment.
sanitizers := -O0 -fsanitize=address,undefined -fno-sanitize=null,alignment
sanitized := $(sanitizers) -fno-sanitize-recover=all -fno-omit-frame-pointer
threadsan := -O1 -fsanitize=thread -Wno-tsan

extension := -shared -fPIC -fvisibility=hidden -isystem $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')

# Earlier labs whose solved files a lab is given: `given = ["05-epoll"]` in its lab.toml.
given = $(addprefix -Isolutions/,$(shell sed -n 's/^given = \[\(.*\)\]/\1/p' labs/$(LAB_NAME)/lab.toml | tr -d '",'))
libraries := -Wl,--as-needed $(shell pkg-config --libs liburing 2>/dev/null)

# Called by the grader: one lab of any tree.
ifdef SOURCE
override CXXFLAGS += $(given)
$(OUT)/release/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(release) $< $(libraries) -o $@
$(OUT)/sanitized/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(sanitized) $< $(libraries) -o $@
$(OUT)/threadsan/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(threadsan) $< $(libraries) -o $@
$(OUT)/whitebox/$(LAB_NAME)/%: grader/whitebox/$(LAB_NAME)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(sanitizers) -I$(SOURCE) $< -lgtest -lgtest_main -o $@
$(OUT)/gtest/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(sanitized) $< -lgtest -lgtest_main $(libraries) -o $@

# A lab in Python (11). Its module is compiled once, without sanitizers (pybind11 takes them five times
# as long); each program and white-box suite gets a launcher that finds it.
#   OUT/module/11-python/asynclab/           the package: _loop.so from C++, and the lab's selector.py
SHARED ?= build/shared
module := $(OUT)/module/$(LAB_NAME)/asynclab
module_files := $(addprefix $(module)/,_loop.so selector.py __init__.py)
# What the preprocessor makes of it names its $(SHARED): the trees in which only Python differs, as
# most mutants and partial solutions do, share one. -DPYBIND11_...: say so where the GIL is missing.
compile_loop = $(CXX) $(CXXFLAGS) $(extension) -DPYBIND11_ASSERT_GIL_HELD_INCREF_DECREF -O0 -g0 $<
$(module)/_loop.so: $(SOURCE)/event_loop_binding.cpp
	@mkdir -p $(@D) $(SHARED)
	@text=$$({ echo '$(filter-out $<,$(compile_loop))'; $(compile_loop) -E -P -MF $(@:.so=.d) -MT $@ 2>/dev/null; } \
	  | sha256sum | cut -c1-20) && \
	shared=$(SHARED)/$$text.so && exec 9>$$shared.lock && flock 9 && \
	if [ ! -e $$shared ]; then $(compile_loop) -MF /dev/null -o $$shared.new && mv $$shared.new $$shared; fi && \
	cp --remove-destination $$shared $@
$(module)/__init__.py: support/async/bindings/asynclab/__init__.py
	@mkdir -p $(@D)
	@cp $< $@
$(module)/selector.py: $(SOURCE)/selector.py
	@mkdir -p $(@D)
	@cp $< $@
launcher = @mkdir -p $(@D) && printf '\#!/bin/sh\nPYTHONPATH="%s" exec %s -B "%s" "$$@"\n' \
  "$(abspath $(OUT))/module/$(LAB_NAME)$(if $1,:$1)" "$(PYTHON)" "$2" >$@ && chmod +x $@
readable = @$(PYTHON) -c 'import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]' $1
$(OUT)/release/$(LAB_NAME)/%: $(SOURCE)/%.py $(module_files)
	$(call readable,$(wildcard $(SOURCE)/*.py))
	$(call launcher,,$(abspath $<))
$(OUT)/sanitized/$(LAB_NAME)/%: $(OUT)/release/$(LAB_NAME)/% $(SOURCE)/%.py
	@mkdir -p $(@D) && cp $< $@
$(OUT)/whitebox/$(LAB_NAME)/%: grader/whitebox/$(LAB_NAME)/%.py $(module_files)
	$(call readable,$(SOURCE)/selector.py)
	$(call launcher,$(abspath grader/whitebox),$(abspath $<))

-include $(addsuffix .d,$(WANTED)) $(module)/_loop.d
compile: $(WANTED)
endif

# Called by a person: every lab of a tree, found by wildcard; -k keeps a broken one from blocking others.
# $(CURDIR): the grader builds the same programs, and a .d file holds for the name that it was made with.
ifdef SOURCES
programs = $(shell sed -n '/^.*program/{n;s/name = "\(.*\)"/\1/p}' labs/$(notdir $*)/lab.toml)
compile: $(patsubst %/.,compile/%,$(SOURCES))
compile/%:
	@$(MAKE) --no-print-directory -s -k compile SOURCES= SOURCE="$*" OUT="$(CURDIR)/build/$(FROM)" LAB_NAME="$(notdir $*)" \
	  WANTED="$(foreach flavour,release sanitized,$(addprefix $(CURDIR)/build/$(FROM)/$(flavour)/$(notdir $*)/,$(programs)))"
	@echo "built $*"
endif
