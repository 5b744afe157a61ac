// Preloaded into the programs of libffi's test suite by ci/libffi: sees each call of the five functions that libffi has
// its trampolines from, and that each closure lies where they said, in memory that no one can write to.
//
// The counters are a file that the processes of one run share, so the counts of a program that dies are kept.
// ci/libffi names them in this order.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <ffi.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    ALLOCATED, // trampolines; what failed is not counted
    SET,
    ADDRESSED,
    FREED,
    CLOSURES, // of libffi's
    PREPARED,
    CLOSED,
    STRAY,      // without a trampoline of its own, or not where that is, or prepared without it
    MODIFIABLE, // not in memory that is readable, executable and no more, by /proc/self/maps
    BOTH,       // made while some memory was writable and executable
    COUNTERS
};

static uint32_t *counters;

static void count(int counter) { __atomic_fetch_add(&counters[counter], 1, __ATOMIC_RELAXED); }

__attribute__((constructor)) static void open_counters(void) {
    const char *path = getenv("TRAMP_WITNESS");
    int file = path ? open(path, O_RDWR | O_CREAT, 0666) : -1;
    if (file < 0 || ftruncate(file, COUNTERS * sizeof *counters) != 0) {
        perror("witness: TRAMP_WITNESS");
        abort();
    }
    counters = mmap(NULL, COUNTERS * sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counters == MAP_FAILED) {
        perror("witness: mmap");
        abort();
    }
    close(file);
}

// `next(f)` is the `f` that would have been called without this library.
#define next(function) ((__typeof__(&function))find(#function))

static void *find(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) {
        fprintf(stderr, "witness: no %s\n", name);
        abort();
    }
    return found;
}

// --- what libffi calls ---

// What the functions were last asked and answered in this thread.
static _Thread_local struct {
    void *tramp, *address, *set, *data;
} last;

void *ffi_tramp_alloc(int flags) {
    void *tramp = next(ffi_tramp_alloc)(flags);
    if (tramp)
        count(ALLOCATED);
    return last.tramp = tramp;
}

int ffi_tramp_set_parms(void *tramp, void *target, void *data) {
    count(SET);
    last.set = tramp;
    last.data = data;
    return next(ffi_tramp_set_parms)(tramp, target, data);
}

void *ffi_tramp_get_addr(void *tramp) {
    count(ADDRESSED);
    void *address = next(ffi_tramp_get_addr)(tramp);
    if (tramp == last.tramp)
        last.address = address;
    return address;
}

void ffi_tramp_free(void *tramp) {
    count(FREED);
    next(ffi_tramp_free)(tramp);
}

// --- what the tests call ---

static void look_at_memory(uintptr_t code) {
    int only_executable = 0, both = 0;
    uintptr_t start, end;
    char line[4352], read, write, execute;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %c%c%c", &start, &end, &read, &write, &execute) != 5)
            continue;
        both |= write == 'w' && execute == 'x';
        if (start <= code && code < end)
            only_executable = read == 'r' && write == '-' && execute == 'x';
    }
    if (maps)
        fclose(maps);
    if (!only_executable)
        count(MODIFIABLE);
    if (both)
        count(BOTH);
}

void *ffi_closure_alloc(size_t size, void **code) {
    last.tramp = last.address = NULL;
    void *closure = next(ffi_closure_alloc)(size, code);
    if (closure) {
        count(CLOSURES);
        if (!last.tramp || !last.address || last.address != *code)
            count(STRAY);
        look_at_memory((uintptr_t)*code);
    }
    return closure;
}

ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif,
                                void (*function)(ffi_cif *, void *, void **, void *), void *data, void *code) {
    last.set = last.data = NULL;
    ffi_status status = next(ffi_prep_closure_loc)(closure, cif, function, data, code);
    if (status == FFI_OK) {
        count(PREPARED);
        if (last.set != closure->ftramp || last.data != closure)
            count(STRAY);
    }
    return status;
}

void ffi_closure_free(void *closure) {
    count(CLOSED);
    next(ffi_closure_free)(closure);
}
