# The experiments of the handouts: one program a file, built into build/experiments/.
experiments := $(patsubst support/async/experiments/%.cpp,%,$(wildcard support/async/experiments/*.cpp))

build/experiments/%: support/async/experiments/%.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -O2 $< $(libraries) -o $@
-include $(addprefix build/experiments/,$(addsuffix .d,$(experiments)))
