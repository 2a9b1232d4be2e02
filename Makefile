# Builds, runs and tests Kairo. Every target needs nothing but itself on a fresh Debian 12: what is missing is
# installed first, or named with the line to type. Results go to build/; `make help` lists the targets.

APPEND    ?=# more kernel command line words, as in: make run APPEND='loglevel=7'
CPUS      ?= 1# processors of the machine that run and debug start
MACHINE   ?= pc# pc or q35
MEMORY    ?= 256M# memory of that machine
FIRMWARE  ?= bios# how `make run` boots the ISO: bios or uefi
SEED      ?=# where `make fuzz` begins: a new place each time unless it is given
EFFORT    ?= 20# how many times the work of `make test` that is

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: compat-programs server-programs kernel-tests run test iso debug bench check clean docs help tools image host-test guest-test compat-test fuzz packages
.DEFAULT_GOAL := image

# ---- What people ask for -------------------------------------------------------------------------------------------

run: iso tools ## build everything, boot the ISO in QEMU: a busybox shell on this terminal (exit powers off, ^] quits)
	tools/kairo run $(if $(APPEND),--append '$(APPEND)',--iso build/kairo.iso) --firmware $(FIRMWARE) --machine $(MACHINE) \
	  --memory $(MEMORY) --cpus $(CPUS)

test: image iso compat-programs server-programs kernel-tests ## build and pass every test: host, guest and compatibility
	$(node) $(build-tools)/test/main.js

host-test: image ## only the tests that run on Node
	$(node) $(build-tools)/test/main.js host

guest-test: image iso server-programs kernel-tests ## only the tests that boot the machine
	$(node) $(build-tools)/test/main.js guest

compat-test: image compat-programs ## only the Linux programs, compared with their output on Linux
	$(node) $(build-tools)/test/main.js compat

fuzz: image server-programs ## the randomized tests alone, from a new seed and longer
	KAIRO_SEED=$(or $(SEED),$(shell date +%s)) KAIRO_EFFORT=$(EFFORT) $(node) $(build-tools)/test/main.js fuzz

iso: build/kairo.iso ## write build/kairo.iso, which boots under BIOS and UEFI and can be written to a USB stick with dd

debug: image ## stop at the kernel's entry under gdb, with symbols and TypeScript function names
	tools/kairo run --gdb --machine $(MACHINE) --memory $(MEMORY) --cpus $(CPUS) --append '$(APPEND)'

bench: image kernel-tests $(patsubst test/bench/%.c,build/bench/%,$(wildcard test/bench/*.c)) ## print what operations cost beside the peers
	$(node) $(build-tools)/tools/bench/main.js
	$(node) $(build-tools)/test/podiag/bench.js

check: tools ## type-check, lint, and enforce the layer rules
	$(node) $(tsc) --noEmit -p tsconfig.tools.json
	$(if $(wildcard tsconfig.dialect.json),$(node) $(tsc) --noEmit -p tsconfig.dialect.json)
	$(compiler) --program kernel --check
	$(compiler) --program server --check
	$(if $(wildcard app/tsconfig.json),$(node) $(tsc) --noEmit -p app/tsconfig.json)
	node_modules/.bin/biome check --error-on-warnings .
	$(node) $(build-tools)/tools/check/main.js
	$(node) $(build-tools)/tools/docs/abi.js --check
	shellcheck $(shell-sources)

docs: tools ## write docs/abi.md anew from lib/abi
	$(node) $(build-tools)/tools/docs/abi.js

clean: ## remove everything that was built
	rm -rf build

help: ## list the targets and the knobs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24
	@printf '\nKnobs (make TARGET NAME=VALUE):\n'
	@sed -n 's/^\([A-Z]*\) *?= *\([^#]*\)# \(.*\)/  \1=\2\t\3/p' $(MAKEFILE_LIST) | expand -t 24

# ---- What the machine must have ------------------------------------------------------------------------------------

# command:package pairs; a file stands for a package that brings no command. Debian 12's nodejs 18 is enough.
needed := nasm:nasm gcc:gcc ld:binutils qemu-system-x86_64:qemu-system-x86 wasm-opt:binaryen wasm2c:wabt \
  grub-mkrescue:grub-common /usr/lib/grub/i386-pc:grub-pc-bin /usr/lib/grub/x86_64-efi:grub-efi-amd64-bin \
  xorriso:xorriso mformat:mtools gdb:gdb musl-gcc:musl-tools /usr/share/ovmf/OVMF.fd:ovmf shellcheck:shellcheck \
  /usr/lib/x86_64-linux-gnu/libc.a:libc6-dev setpriv:util-linux \
  /usr/share/doc/busybox-static:busybox-static bash-static:bash-static zsh-static:zsh-static sash:sash \
  tini-static:tini cpio:cpio strace:strace node:nodejs npm:npm dash:dash /usr/share/doc/python3:python3
# Tests that make name spaces take a user name space where they are not run by root.
needed += $(if $(filter-out 0,$(shell id -u)),newuidmap:uidmap)
node := node
tsc := node_modules/typescript/bin/tsc

packages: build/stamps/packages ## install what is missing of Debian's packages, or print the line to type
build/stamps/packages: Makefile
	@mkdir -p $(@D)
	@missing=; for pair in $(needed); do \
	  case $$pair in \
	    /*) test -e "$${pair%%:*}" ;; \
	    *) PATH=$$PATH:/usr/sbin:/sbin command -v "$${pair%%:*}" >/dev/null ;; \
	  esac || missing="$$missing $${pair##*:}"; \
	done; \
	if test -n "$$missing"; then \
	  install="apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends$$missing"; \
	  if test "$$(id -u)" = 0; then sudo=; \
	  elif sudo -n true 2>/dev/null; then sudo=sudo; \
	  elif command -v sudo >/dev/null; then printf 'Please type:\n  sudo sh -c "%s"\n' "$$install" >&2; exit 1; \
	  else printf 'Please type as root:\n  %s\n' "$$install" >&2; exit 1; fi; \
	  echo "Installing:$$missing" >&2; \
	  $$sudo sh -c "$$install" >&2; \
	fi
	@touch $@

build/stamps/modules: package.json package-lock.json | build/stamps/packages
	@test -x node_modules/.bin/tsc -a node_modules/.package-lock.json -nt package-lock.json || npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# ---- Tools: TypeScript on Node -------------------------------------------------------------------------------------
# Only translated here, which takes a second; `make check` is what checks the types.

build-tools := build/tools
tool-sources := $(shell find tools test -name '*.ts' 2>/dev/null)
compiler-sources := $(filter tools/compiler/%,$(filter-out %.test.ts,$(tool-sources)))
compiler := $(node) $(build-tools)/tools/compiler/cli.js
shell-sources = tools/kairo .ci/run $(shell grep -rlE '^\#!.*\bsh\b' --include='*' iso test tools 2>/dev/null | grep -v '\.ts$$')

tools: build/stamps/tools ## translate the tools and tests to JavaScript
build/stamps/tools: $(tool-sources) tsconfig.json tsconfig.tools.json build/stamps/modules
	$(node) $(tsc) --noCheck -p tsconfig.tools.json
	@touch $@

# ---- The kernel image, with the process server inside --------------------------------------------------------------

nasm := nasm -f elf64 -g -F dwarf -w+all
link := ld -nostdlib -static -z noexecstack -z max-page-size=4096 --build-id=none --fatal-warnings

library-sources := $(shell find lib -name '*.h' -o -name '*.ts' ! -name '*.test.ts')
kernel-sources := $(shell find kernel -name '*.h' -o -name '*.ts' ! -name '*.test.ts') $(library-sources)
server-sources := $(shell find server -name '*.h' -o -name '*.ts' ! -name '*.test.ts') $(library-sources)
boot-objects := $(patsubst boot/%.asm,build/boot/%.o,$(filter-out boot/symbols.asm,$(wildcard boot/*.asm)))
boot-includes := $(wildcard boot/*.inc)
embeds-server := $(patsubst boot/%.asm,build/boot/%.o,$(shell grep -l 'server\.elf' boot/*.asm 2>/dev/null))

image: build/kairo.elf build/root.cpio ## build the kernel and the default root file system, for tools/kairo run

build/kernel/program.o build/kernel/layout.inc &: $(kernel-sources) $(compiler-sources) | build/stamps/tools
	@mkdir -p build/kernel
	$(compiler) --program kernel --out build/kernel
	@touch build/kernel/program.o build/kernel/layout.inc

build/server/program.o build/server/layout.inc &: $(server-sources) $(compiler-sources) | build/stamps/tools
	@mkdir -p build/server
	$(compiler) --program server --out build/server
	@touch build/server/program.o build/server/layout.inc

build/server/start.o: server/arch/x86_64/start.asm build/server/layout.inc
	$(nasm) -I build/server/ -o $@ $<

build/server/server.elf: server/server.ld build/server/start.o build/server/program.o
	$(link) -T server/server.ld -o $@ build/server/start.o build/server/program.o

$(embeds-server): build/server/server.elf
build/boot/%.o: boot/%.asm $(boot-includes) build/kernel/layout.inc
	@mkdir -p $(@D)
	$(nasm) -I boot/ -I build/kernel/ -I build/server/ -o $@ $<

# Linked twice: the second time with the table of function names that the first link gave (boot/symbols.asm).
image-objects := $(boot-objects) build/kernel/program.o

build/boot/no-symbols.o: boot/symbols.asm
	@mkdir -p $(@D)
	$(nasm) -o $@ $<

build/boot/symbols.bin: linker.ld $(image-objects) build/boot/no-symbols.o tools/image/symbols.ts | build/stamps/tools
	$(link) -T linker.ld -o build/boot/first.elf $(image-objects) build/boot/no-symbols.o
	nm --numeric-sort build/boot/first.elf >build/boot/first.nm
	$(node) $(build-tools)/tools/image/symbols.js --nm build/boot/first.nm --out $@

build/boot/symbols.o: boot/symbols.asm build/boot/symbols.bin
	$(nasm) -D 'SYMBOLS="build/boot/symbols.bin"' -o $@ $<

build/kairo.elf: linker.ld $(image-objects) build/boot/symbols.o
	$(link) -T linker.ld -o $@ $(image-objects) build/boot/symbols.o

# ---- The kernel with its tests as the root task --------------------------------------------------------------------

test-sources := $(shell find test/guest/kernel -name '*.ts') $(library-sources)
test-objects := $(filter-out build/boot/server.o,$(image-objects)) build/boot/no-symbols.o build/kernel-test/server.o

kernel-tests: build/kernel-test.elf ## build the kernel with its tests as the root task

build/kernel-test/program.o: $(test-sources) $(compiler-sources) | build/stamps/tools
	@mkdir -p $(@D)
	$(compiler) --program test/guest/kernel/main.ts --ring3 --out build/kernel-test

build/kernel-test/start.o: test/guest/kernel/arch/x86_64/start.asm
	@mkdir -p $(@D)
	$(nasm) -o $@ $<

build/kernel-test/server.elf: server/server.ld build/kernel-test/start.o build/kernel-test/program.o
	$(link) -T server/server.ld -o $@ build/kernel-test/start.o build/kernel-test/program.o

build/kernel-test/server.o: boot/server.asm build/kernel-test/server.elf
	$(nasm) -I build/kernel-test/ -o $@ $<

build/kernel-test.elf: linker.ld $(test-objects)
	$(link) -T linker.ld -o $@ $(test-objects)

# ---- The default root and the ISO ----------------------------------------------------------------------------------

image-tools := $(build-tools)/tools/image
image-sources := $(filter-out %.test.ts tools/image/symbols.ts,$(wildcard tools/image/*.ts))

build/root.cpio: $(shell find iso/root -type f 2>/dev/null) $(image-sources) | build/stamps/tools
	$(node) $(image-tools)/build-root.js --files iso/root --out $@

build/kairo.iso: build/kairo.elf build/root.cpio iso/grub.cfg $(image-sources) | build/stamps/tools
	$(node) $(image-tools)/build-iso.js --kernel build/kairo.elf --initrd build/root.cpio --grub iso/grub.cfg --out $@

build/bench/%: test/bench/%.c $(wildcard test/bench/*.h) | build/stamps/packages
	@mkdir -p $(@D)
	musl-gcc -static -O2 -Wall -Wextra -Werror -o $@ $<

# ---- Programs for the compatibility tests --------------------------------------------------------------------------

compat-sources := $(wildcard test/compat/programs/*.c)
compat-programs := $(foreach library,musl glibc,$(patsubst test/compat/programs/%.c,build/compat/programs/$(library)-%,$(compat-sources)))
compat-programs += $(patsubst app/%.ts,build/compat/programs/%,$(filter-out %.d.ts,$(wildcard app/*.ts)))

compat-programs: $(compat-programs) ## build the C and TypeScript programs that the compatibility tests run

build/compat/programs/musl-%: test/compat/programs/%.c | build/stamps/packages
	@mkdir -p $(@D)
	musl-gcc -static -O2 -Wall -Wextra -Werror -o $@ $<

build/compat/programs/glibc-%: test/compat/programs/%.c | build/stamps/packages
	@mkdir -p $(@D)
	gcc -static -O2 -pthread -Wall -Wextra -Werror -o $@ $<

# Programs that the tests of the process server run as its clients.
server-programs := $(patsubst test/guest/server/programs/%.c,build/server-tests/%,$(wildcard test/guest/server/programs/*.c))

server-programs: $(server-programs) ## build the C programs that the tests of the process server run

build/server-tests/%: test/guest/server/programs/%.c $(wildcard test/guest/server/programs/*.h) | build/stamps/packages
	@mkdir -p $(@D)
	musl-gcc -static -O2 -Wall -Wextra -Werror -o $@ $<

# The applications, compiled by Porffor's alpha release and linked against musl.
build/compat/programs/%: app/%.ts tools/app/build.ts | build/stamps/tools
	@mkdir -p $(@D)
	$(node) $(build-tools)/tools/app/build.js $< --out build/app/$*
	cp build/app/$* $@
