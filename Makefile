# Linters are pinned here; go run fetches them through the module proxy.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: check fmt vet staticcheck lint test fresh tidy demo fuzz bench bench-large

check: fmt vet staticcheck test fresh tidy

fmt:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "gofmt -w these:"; echo "$$files"; exit 1; }

# Windows too: signals, terminals and files of secrets differ there.
vet:
	go vet ./...
	GOOS=windows go vet ./...

staticcheck:
	go run $(STATICCHECK) ./...

# The scripts and workflows of examples/ci; needs shellcheck.
lint:
	cd examples/ci/scripts && shellcheck -x *.sh
	shellcheck .ci/run examples/startup/demo.sh
	go run $(ACTIONLINT) examples/ci/github/*.yml

test:
	go test -race ./...

# Schemas and reference are made from the code; their tests compare them.
fresh:
	go test -count=1 -run 'Fresh' ./schema ./internal/cli

tidy:
	go mod tidy -diff

# The main job on the embedded JumpCloud: plan, apply, and the empty plan after it.
demo:
	@sh examples/startup/demo.sh

# Every parser, a few seconds each.
FUZZTIME = 10s
fuzz:
	@for pkg in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

bench:
	go test -run '^$$' -bench . -benchmem ./...

# 100,000 people against floors of the same run: BENCHMARKS.md.
bench-large:
	go run ./internal/bench
