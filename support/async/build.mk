# How a lab is compiled, whichever tree it lies in. Used by `make build` and, one lab at a time, by the
# grader: SOURCE=dir with the files, OUT=where to, LAB_NAME=05-epoll, WANTED=the executables.
#   OUT/release/05-epoll/epoll_echo      optimised: for measuring CPU and system calls
#   OUT/sanitized/05-epoll/epoll_echo    AddressSanitizer and UBSan: for judging behaviour
#   OUT/whitebox/05-epoll/...            GoogleTest suites against the student's own class
WARNINGS  := -Wall -Wextra -Wpedantic -Werror -Wno-unused -Wno-unused-parameter
CXXFLAGS  ?= -g
override CXXFLAGS += -std=c++20 $(WARNINGS) -Isupport/async/include -MMD -MP -pthread
release   := -O2
sanitized := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

libraries := -Wl,--as-needed $(shell pkg-config --libs liburing 2>/dev/null)

# Called by the grader: one lab of any tree.
ifdef SOURCE
$(OUT)/release/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(release) $< $(libraries) -o $@
$(OUT)/sanitized/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(sanitized) $< $(libraries) -o $@
$(OUT)/whitebox/$(LAB_NAME)/%: grader/whitebox/$(LAB_NAME)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -O0 -fsanitize=address,undefined -I$(SOURCE) $< -lgtest -lgtest_main -o $@
$(OUT)/gtest/$(LAB_NAME)/%: $(SOURCE)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(sanitized) $< -lgtest -lgtest_main $(libraries) -o $@
-include $(addsuffix .d,$(WANTED))
compile: $(WANTED)
endif

# Called by a person: every lab of a tree, found by wildcard; -k keeps a broken one from blocking others.
ifdef SOURCES
compile: $(patsubst %/.,compile/%,$(SOURCES))
compile/%:
	@$(MAKE) --no-print-directory -s -k compile SOURCES= SOURCE="$*" OUT="build/$(FROM)" LAB_NAME="$(notdir $*)" \
	  WANTED="$(foreach flavour,release sanitized,$(patsubst $*/%.cpp,build/$(FROM)/$(flavour)/$(notdir $*)/%,$(wildcard $*/*.cpp)))"
	@echo "built $*"
endif
