# The Python module asynclab: `make bindings`. Included by the top Makefile.
#   build/TREE/python/asynclab/            the package: use it with PYTHONPATH=build/TREE/python
#   build/TREE/python-sanitized/asynclab/  the same with SANITIZE=1: AddressSanitizer and UBSan
# TREE is solutions; with FROM=labs your own loop, ring, binding and selector are built. In the place
# of one whose first step is still open that of solutions/ is taken.
bindings_tree   = $(if $(filter file,$(origin FROM)),solutions,$(FROM))
bindings_python = build/$(bindings_tree)/python$(if $(SANITIZE),-sanitized)

bindings: $(SETUP)  ## Build the Python module asynclab (FROM=labs: with your own loop, ring and binding)
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) --no-print-directory -s $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) bindings-package \
	  BINDINGS="$(bindings_python)" TREE="$(bindings_tree)" SUFFIX="$$($(PYTHON)-config --extension-suffix)"
	@$(if $(SANITIZE),echo 'LD_PRELOAD="$(bindings_preload)" ASAN_OPTIONS=detect_leaks=0 \'; )\
	echo "PYTHONPATH=$(bindings_python) $(PYTHON) -c 'import asynclab; help(asynclab)'"

.PHONY: bindings bindings-package

# Called by the target above: BINDINGS=where to, TREE=where the loop and ring are, SUFFIX=of extensions.
ifdef BINDINGS
# $(call bindings_pick,11-python/FILE,11.1): that of the tree, unless that step of it is still open or the file is missing.
bindings_open = $(shell grep -slE '^[^/]*async::todo."$(2)|NotImplementedError."TODO.$(2)' $(TREE)/$(1))
bindings_pick = $(if $(or $(call bindings_open,$(1),$(2)),$(if $(wildcard $(TREE)/$(1)),,missing)),$(info $(TREE)/$(1) is \
  still to be written: taking that of solutions/)solutions,$(TREE))/$(1)

bindings_package := $(BINDINGS)/asynclab
bindings_objects := $(BINDINGS)/objects
bindings_source  := support/async/bindings
bindings_loop    := $(call bindings_pick,05-epoll/event_loop.hpp,05.1)
bindings_ring    := $(call bindings_pick,08-io-uring/ring.hpp,08.1)
bindings_binding := $(call bindings_pick,11-python/event_loop_binding.cpp,11.1)
bindings_select  := $(call bindings_pick,11-python/selector.py,11.3)
bindings_picked  := $(BINDINGS)/picked
bindings_given   := $(patsubst $(bindings_source)/asynclab/%,$(bindings_package)/%,$(wildcard $(bindings_source)/asynclab/*.py* $(bindings_source)/asynclab/py.typed))
bindings_parts   := $(patsubst $(bindings_source)/%.cpp,$(bindings_objects)/%.o,$(wildcard $(bindings_source)/*.cpp))
bindings_flags   := -std=c++20 $(WARNINGS) -fPIC -fvisibility=hidden -pthread -MMD -MP \
  $(if $(SANITIZE),-g $(sanitized),-O2) -Isupport/async/include -I$(dir $(bindings_loop)) -I$(dir $(bindings_ring)) \
  -Isupport/async/cpp $(patsubst -I%,-isystem %,$(shell $(PYTHON)-config --includes) $(shell pkg-config --cflags pybind11))
bindings_link    := -shared -pthread $(if $(SANITIZE),$(sanitized))

bindings-package: $(bindings_package)/_loop$(SUFFIX) $(bindings_package)/_servers$(SUFFIX) $(bindings_package)/selector.py $(bindings_given)

# Changes only when another file is picked than the last time: that one may be older.
$(shell mkdir -p $(BINDINGS); echo $(bindings_loop) $(bindings_ring) $(bindings_binding) $(bindings_select) >$(bindings_picked).new; \
  cmp -s $(bindings_picked).new $(bindings_picked) || cp $(bindings_picked).new $(bindings_picked))

$(bindings_objects)/_loop.o: $(bindings_binding) $(bindings_picked)
$(bindings_parts): $(bindings_objects)/%.o: $(bindings_source)/%.cpp $(bindings_picked)
$(bindings_objects)/%.o:
	@mkdir -p $(@D)
	$(CXX) $(bindings_flags) -c $< -o $@

$(bindings_package)/_loop$(SUFFIX): $(bindings_objects)/_loop.o
$(bindings_package)/_servers$(SUFFIX): $(bindings_parts)
$(bindings_package)/%$(SUFFIX):
	@mkdir -p $(@D)
	$(CXX) $(bindings_link) $^ $(libraries) -o $@.$$$$ && mv $@.$$$$ $@  # at once: somebody may be importing it

$(bindings_package)/selector.py: $(bindings_select) $(bindings_picked)
$(bindings_given): $(bindings_package)/%: $(bindings_source)/asynclab/%
$(bindings_given) $(bindings_package)/selector.py:
	@mkdir -p $(@D)
	cp $< $@.$$$$ && mv $@.$$$$ $@

-include $(bindings_objects)/_loop.d $(bindings_parts:.o=.d)
endif

# Python itself is not sanitized: the run-time library has to come first, and libstdc++ with it.
bindings_preload = $(shell $(CXX) -print-file-name=libasan.so) $(shell $(CXX) -print-file-name=libstdc++.so)
