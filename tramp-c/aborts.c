/*
 * Where Rust's standard library would end the process with a report, these two functions end it with one line.
 *
 * After a panic or a failed allocation, the standard library prints a trace of the calls. The code that finds the names for the
 * trace is larger than the rest of the library, and the library causes no panic. `install` replaces Rust's two functions with
 * these. Then nothing uses that code, and the linker leaves it out. `install` also passes the names of Rust's functions, because
 * they differ between compilers.
 */
#include <stdlib.h>
#include <unistd.h>

#define HIDDEN __attribute__((noreturn, visibility("hidden"))) void
HIDDEN TRAMP_PANIC(void);
HIDDEN TRAMP_NO_MEMORY(void);

static __attribute__((noreturn)) void end(const char *message, size_t length) {
    if (write(STDERR_FILENO, message, length) < 0) abort();
    abort();
}

HIDDEN TRAMP_PANIC(void) {
    static const char message[] = "tramp: a fault in the library itself; aborting\n";
    end(message, sizeof message - 1);
}

HIDDEN TRAMP_NO_MEMORY(void) {
    static const char message[] = "tramp: no memory; aborting\n";
    end(message, sizeof message - 1);
}
