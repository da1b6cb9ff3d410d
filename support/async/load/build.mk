# The load generator: `make load` builds build/load/load. Included by grader/maintain.mk.
load_source := support/async/load
load_uring  := $(shell pkg-config --exists 'liburing >= 2.3' && echo -DLOAD_URING)# else there is no --engine uring
load_parts  := $(patsubst $(load_source)/%.cpp,build/load/%.o,$(wildcard $(load_source)/*.cpp))

load: $(SETUP)-bench       ## Build the load generator (support/async/load) into build/load/load
	@$(MAKE) --no-print-directory -s -j2 build/load/load
build/load/load: $(load_parts)
	$(CXX) $^ $(libraries) -lz -o $@.$$$$ && mv $@.$$$$ $@  # at once: somebody may be running it
$(load_parts): build/load/%.o: $(load_source)/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(load_uring) -O2 -c $< -o $@
-include $(load_parts:.o=.d)

.PHONY: load
