# Sidetrack. One Makefile, no recursion; a build tree per variant under build/.
#   make [VARIANT=debug|release|asan|tsan|cov] [all|check|scenario|lint|docs|format|help]

VARIANT  ?= debug
VARIANTS := debug release asan tsan cov
ifeq ($(filter $(VARIANT),$(VARIANTS)),)
$(error VARIANT is one of: $(VARIANTS))
endif

BUILD  := build/$(VARIANT)
# V=1 shows the commands.
Q := $(if $(V),,@)
PYTHON ?= /usr/bin/python3
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 0

PACKAGES := glib-2.0 libmaxminddb libevent_core libevent_pthreads libcurl libwebsockets jansson sqlite3 hiredis libgcrypt
CPPFLAGS += -I. -D_GNU_SOURCE $(shell pkg-config --cflags $(PACKAGES))
LDLIBS   += $(shell pkg-config --libs $(PACKAGES)) -lmbedtls -lmbedx509 -lmbedcrypto -lpthread -lm
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wformat=2 -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef -Wimplicit-fallthrough
CFLAGS   += -std=c11 -pthread -g $(WARNINGS)

CFLAGS_debug   := -O1 -fno-omit-frame-pointer
CFLAGS_release := -O2 -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS_asan    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
CFLAGS_tsan    := -O1 -fno-omit-frame-pointer -fsanitize=thread
CFLAGS_cov     := -O0 --coverage
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_asan   := -fsanitize=address,undefined
LDFLAGS_tsan   := -fsanitize=thread
LDFLAGS_cov    := --coverage
CFLAGS  += $(CFLAGS_$(VARIANT))
LDFLAGS += $(LDFLAGS_$(VARIANT))

FOLDERS := core tracker ws providers providers/deezer providers/qobuz session proxy api program
SOURCES := $(sort $(wildcard $(addsuffix /*.c,$(FOLDERS))))
HEADERS := $(sort $(wildcard $(addsuffix /*.h,$(FOLDERS))))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
MAIN    := $(wildcard main.c)
PROGRAM := $(if $(MAIN),$(BUILD)/sidetrack)

TEST_SOURCES := $(sort $(wildcard tests/unit/*.c tests/unit/*/*.c tests/unit/*/*/*.c))
TESTS        := $(patsubst %_test.c,$(BUILD)/%_test,$(filter %_test.c,$(TEST_SOURCES)))
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZERS      := $(FUZZ_SOURCES:tests/fuzz/%.c=build/fuzz/%)
BENCH_SOURCES := $(sort $(wildcard tests/bench/*.c))
BENCH_TOOLS  := build/bench/pace build/bench/echo build/bench/upstream

.PHONY: all check check-asan check-tsan scenario fuzz lint docs format cov bench soak help clean
.SECONDARY:

all: $(PROGRAM) $(OBJECTS)

$(BUILD)/sidetrack: $(OBJECTS) $(BUILD)/main.o
	@echo '  LD    $@'
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Unit tests link the whole tree except main.c: a test of one module may use its neighbours.
$(BUILD)/libsidetrack.a: $(OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/tests/%_test: $(BUILD)/tests/%_test.o $(BUILD)/libsidetrack.a
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -levent_extra -lcmocka

tests: $(TESTS)

export TSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/tsan_suppressions

check: $(TESTS)
	@tests/unit/run $(TESTS)

check-asan:
	$(MAKE) VARIANT=asan check

check-tsan:
	$(MAKE) VARIANT=tsan check

# The scenarios drive the real binary over real sockets (SCENARIOS=… narrows them).
# They mostly wait for answers, so one more at a time than there are cores.
SCENARIOS ?= tests/scenario tests/contract
SCENARIO_JOBS ?= $(shell expr $$(nproc) + 1)
scenario: all
	SIDETRACK_BIN=$(PROGRAM) $(PYTHON) -m pytest -q -n $(SCENARIO_JOBS) --dist loadfile $(SCENARIOS)

FUZZ_CFLAGS := -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZ_OBJECTS := $(SOURCES:%.c=build/fuzz/objects/%.o)
build/fuzz/objects/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CLANG $@'
	$(Q)clang $(CPPFLAGS) -pthread -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=undefined -std=c11 -g -O1 -MMD -MP -c -o $@ $<
build/fuzz/libsidetrack.a: $(FUZZ_OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^
build/fuzz/%: tests/fuzz/%.c build/fuzz/libsidetrack.a
	$(Q)clang $(CPPFLAGS) $(FUZZ_CFLAGS) -o $@ $^ $(LDLIBS)

fuzz: $(FUZZERS)
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_SEED) $(FUZZERS)

lint: all
	@PROGRAM=$(PROGRAM) OBJECTS=$(BUILD) CC='$(CC)' LINT_CFLAGS='$(CPPFLAGS) $(CFLAGS)' tests/lint/run

docs: all
	$(PROGRAM) --print-configuration >docs/configuration.md
	$(PROGRAM) --print-metrics >docs/metrics.md
	$(PROGRAM) --print-env >docker/example.env

format:
	clang-format -i $(SOURCES) $(HEADERS) $(MAIN) $(TEST_SOURCES) $(FUZZ_SOURCES) $(BENCH_SOURCES)

cov:
	$(MAKE) VARIANT=cov check
	gcovr --root . --exclude tests --print-summary build/cov

build/bench/%: tests/bench/%.c tests/bench/client.c tests/bench/client.h
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) -I. -D_GNU_SOURCE -std=c11 -pthread -g -O2 $(WARNINGS) -o $@ $(filter %.c,$^)

# BENCH holds its options, like BENCH='--rounds 3 --only 1k'; --help lists them.
bench: $(BENCH_TOOLS)
	$(MAKE) VARIANT=release all
	tests/bench/run $(BENCH)
	tests/bench/lanes
	tests/bench/first_byte

SOAK_VARIANT := $(if $(filter debug,$(VARIANT)),release,$(VARIANT))
# SOAK holds its options, like SOAK='--seconds 180'. VARIANT=asan soaks that build.
soak:
	$(MAKE) VARIANT=$(SOAK_VARIANT) all
	$(PYTHON) tests/soak/run --program build/$(SOAK_VARIANT)/sidetrack $(SOAK)

help:
	@sed -n '1,2p' Makefile
	@echo 'all          build/$(VARIANT)/sidetrack'
	@echo 'check        unit tests (cmocka); check-asan, check-tsan: the same under a sanitizer'
	@echo 'scenario     the real binary against stand-ins (pytest)'
	@echo 'fuzz         every fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'lint         format, layers, banned functions, generated docs'
	@echo 'docs         write the generated pages in docs/'
	@echo 'bench        CPU time, latency and memory beside nginx and haproxy'
	@echo 'soak         a quarter of an hour of everything at once, every byte checked'

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
