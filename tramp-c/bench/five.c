/*
 * What the RFC's five functions cost, of whatever library has them.
 *
 *     five cycle LIBRARY [threads]     ns to allocate, set, get and free one, by so many threads beside the first thread. If
 *                                      this is 0, the first thread does it, and there is no other thread
 *     five first LIBRARY               µs of the first four calls
 *     five live LIBRARY [count]        ns and bytes for each of so many that live at once, freeing included in neither
 *     five call LIBRARY                ns of a call of a target that does nothing, and of that target by a pointer
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *(*tramp_alloc)(int);
static int (*set_parms)(void *, void *, void *);
static void *(*get_addr)(void *);
static void (*tramp_free)(void *);

static double now(void) {
    struct timespec time;
    clock_gettime(getenv("CPU") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static long resident(void) {
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (!statm || fscanf(statm, "%*s %ld", &pages) != 1) exit(2);
    fclose(statm);
    return pages * sysconf(_SC_PAGESIZE);
}

static long mappings(void) {
    long lines = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    for (int byte; (byte = getc(maps)) != EOF;) lines += byte == '\n';
    fclose(maps);
    return lines;
}

extern void nothing(void), stack_nothing(void);
#if defined __x86_64__
__asm__(".globl nothing, stack_nothing\nnothing: ret\nstack_nothing: add $16, %rsp; ret\n");
#elif defined __i386__
__asm__(".globl nothing, stack_nothing\nnothing: ret\nstack_nothing: add $8, %esp; ret\n");
#elif defined __aarch64__
__asm__(".globl nothing, stack_nothing\nnothing: ret\nstack_nothing: add sp, sp, #16; ret\n");
#endif

static void cycles(long count) {
    for (long i = 0; i < count; i++) {
        void *tramp = tramp_alloc(0);
        set_parms(tramp, (void *)stack_nothing, &count);
        if (!get_addr(tramp)) exit(2);
        tramp_free(tramp);
    }
}

static void *thread(void *count) {
    cycles((long)count);
    return NULL;
}

static double calls(void *address, long count) {
    void (*volatile function)(void) = (void (*)(void))address;
    double start = now();
    for (long i = 0; i < count; i++) function();
    return (now() - start) / (double)count;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    void *library = dlopen(arguments[2], RTLD_NOW);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 2;
    tramp_alloc = (void *(*)(int))dlsym(library, "ffi_tramp_alloc");
    set_parms = (int (*)(void *, void *, void *))dlsym(library, "ffi_tramp_set_parms");
    get_addr = (void *(*)(void *))dlsym(library, "ffi_tramp_get_addr");
    tramp_free = (void (*)(void *))dlsym(library, "ffi_tramp_free");
    if (!tramp_alloc || !set_parms || !get_addr || !tramp_free) return 2;
    long argument = count > 3 ? atol(arguments[3]) : 0;

    if (strcmp(arguments[1], "cycle") == 0) {
        enum { CYCLES = 2000000 };
        long threads = count > 3 ? argument : 1;
        pthread_t all[64];
        cycles(1000);
        double start = now();
        if (threads == 0) {
            cycles(CYCLES);
            printf("%.2f\n", (now() - start) / CYCLES);
            return 0;
        }
        for (long i = 0; i < threads; i++) pthread_create(&all[i], NULL, thread, (void *)CYCLES);
        for (long i = 0; i < threads; i++) pthread_join(all[i], NULL);
        printf("%.2f\n", (now() - start) / CYCLES / (double)threads);
    } else if (strcmp(arguments[1], "first") == 0) {
        double start = now();
        cycles(1);
        printf("%.1f\n", (now() - start) / 1000);
    } else if (strcmp(arguments[1], "live") == 0) {
        long live = argument ? argument : 1000000;
        void **all = malloc((size_t)live * sizeof *all);
        memset(all, 1, (size_t)live * sizeof *all);
        cycles(1000);
        long bytes = resident(), maps = mappings();
        double start = now();
        for (long i = 0; i < live; i++) {
            if (!(all[i] = tramp_alloc(0))) return fprintf(stderr, "%ld live, no more\n", i), 1;
            set_parms(all[i], (void *)stack_nothing, all);
            if (!get_addr(all[i])) return 2;
        }
        double made = now();
        bytes = resident() - bytes, maps = mappings() - maps;
        double from = now();
        for (long i = 0; i < live; i++) tramp_free(all[i]);
        double freed = now();
        printf("%.2f %.2f %.2f %ld\n", (made - start) / (double)live, (freed - from) / (double)live,
               (double)bytes / (double)live, maps);
    } else if (strcmp(arguments[1], "call") == 0) {
        void *tramp = tramp_alloc(0);
        set_parms(tramp, (void *)stack_nothing, NULL);
        calls((void *)nothing, 10000000);
        printf("%.3f %.3f\n", calls(get_addr(tramp), 100000000), calls((void *)nothing, 100000000));
    } else {
        return 2;
    }
    return 0;
}
