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

help:                      ## List the commands
	@echo "asynclab: asynchronous I/O under Linux, by building servers"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | column -t -s @
	@echo "Add LAB=05 for one lab, FROM=DIR for another tree. A student starts with: make grade LAB=01"

include support/async/build.mk support/async/experiments/build.mk
-include grader/maintain.mk  # which the students' archive does not have

# ---- students ----------------------------------------------------------------------------------
build: $(SETUP)            ## Compile the labs (LAB=, FROM=)
	@$(MAKE) --no-print-directory -k compile SOURCES="$(wildcard $(FROM)/$(LAB)*/.)"
grade: $(SETUP)            ## Grade a lab: LAB=05, FROM=DIR, CHECK=id, JSON=file, EXEC='./prog {port}'
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
experiment: $(SETUP)       ## What an experiment of the handouts measures: NAME=herd ARGS='--json FILE'
	@$(if $(filter $(NAME),$(experiments)),,echo "error: NAME= one of: $(experiments)" >&2; exit 2)
	@$(MAKE) --no-print-directory -s build/experiments/$(NAME)
	@build/experiments/$(NAME) $(ARGS)
submit: $(SETUP)           ## Pack a lab to hand it in: LAB=05 makes build/submit/05-epoll.tar.gz
	@$(LABCMD) submit $(LAB)
setup: $(SETUP)            ## Install what is missing (done by every other command)
clean:                     ## Remove what was built (results and saved files too)
	rm -rf build

$(SETUP) $(addprefix $(SETUP)-,$(setups)): grader/setup.sh
	@mkdir -p $(@D)
	@grader/setup.sh $(patsubst $(SETUP)-%,%,$(filter-out $(SETUP),$@))
	@touch $@

.PHONY: help build grade hint watch progress play reset doctor experiment submit setup clean
