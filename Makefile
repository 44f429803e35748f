# Every target is launch.py's; `make test ARGS="-k cascade"` hands ARGS on, PORT, VAR and DEMO come from the environment.
PYTHON ?= python3

run test lint bench e2e clean:
	@$(PYTHON) launch.py $@ $(ARGS)

lock: # needs uv; run it after editing a requirements*.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -c requirements.txt requirements-dev.in -o requirements-dev.txt

.PHONY: run test lint bench e2e clean lock
