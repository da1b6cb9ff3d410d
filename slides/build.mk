# Slides: Markdown with code included by step label, made into HTML and PDF in build/slides/.
decks := $(sort $(wildcard slides/[0-9][0-9]-*.md))
marp  := slides/node_modules/.bin/marp

slides: slides-tools       ## The decks as HTML and PDF, into build/slides/
	@mkdir -p build/slides/figures
	@cp --update slides/figures/*.svg build/slides/figures/
	@for deck in $(decks); do slides/include.py $$deck build/slides/$${deck##*/} || exit; done
	@for format in '' '--pdf --pdf-notes'; do \
	  $(marp_in_place) $$format >build/slides/marp.log 2>&1 || { cat build/slides/marp.log >&2; exit 1; }; done
	@echo "open build/slides/$(notdir $(firstword $(decks:.md=.html)))"

# Chromium's sandbox needs privileges of its own; these pages are ours.
marp_in_place = CHROME_NO_SANDBOX=1 CHROME_PATH=$(chromium) $(marp) -c slides/marp.json $(addprefix build/slides/,$(notdir $(decks)))
chromium      = $(firstword $(shell command -v chromium chromium-browser google-chrome))

slides-tools: $(SETUP)-slides slides/node_modules/.package-lock.json

slides/node_modules/.package-lock.json: slides/package-lock.json $(SETUP)-slides
	@PUPPETEER_SKIP_DOWNLOAD=1 npm ci --prefix slides --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

measured := idle_demand wakeup_cost timeline thread_memory herd slow_clients slow_upstream slow_file linux_aio
# and those of `make bench-growth`, which are measured with the load generator: $(grown)

figures: $(SETUP) $(SETUP)-slides  ## Measure the figures of the slides anew, and draw them
	@for figure in $(measured); do $(PYTHON) slides/figures/$$figure.py || exit; done

.PHONY: slides slides-tools figures
