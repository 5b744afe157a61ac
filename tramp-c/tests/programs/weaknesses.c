/*
 * What static trampolines were found to break by: each case is one that libffi's own (3.8.0 and before) fails.
 *
 *     weaknesses CASE LIBRARY      a case by its name, with the five functions of LIBRARY
 *
 * Says "skipped, " and why where the system does not allow to try.
 */
#include "check.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static struct api {
    int (*is_supported)(void);
    void *(*alloc)(int);
    int (*set_parms)(void *, void *, void *);
    void *(*get_addr)(void *);
    void (*free)(void *);
} tramp;

static const char *library;
static char directory[] = "/tmp/tramp-test-XXXXXX";
static char path[256];

long example_handler(void *context, long argument) { return *(long *)context + argument; }

static void *load(const char *name) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) fprintf(stderr, "%s\n", dlerror());
    CHECK(handle != NULL);
    tramp.is_supported = (int (*)(void))dlsym(handle, "ffi_tramp_is_supported");
    tramp.alloc = (void *(*)(int))dlsym(handle, "ffi_tramp_alloc");
    tramp.set_parms = (int (*)(void *, void *, void *))dlsym(handle, "ffi_tramp_set_parms");
    tramp.get_addr = (void *(*)(void *))dlsym(handle, "ffi_tramp_get_addr");
    tramp.free = (void (*)(void *))dlsym(handle, "ffi_tramp_free");
    CHECK(tramp.is_supported && tramp.alloc && tramp.set_parms && tramp.get_addr && tramp.free);
    return handle;
}

/* Makes a trampoline and calls it. */
static void *works(void) {
    static long forty = 40;
    void *made = tramp.alloc(0);
    CHECK(made != NULL);
    tramp.set_parms(made, (void *)example_target, &forty);
    CHECK(((long (*)(long))tramp.get_addr(made))(2) == 42);
    return made;
}

static void skip(const char *why) {
    printf("skipped, %s (%s)\n", why, strerror(errno));
    exit(0);
}

static void copy(const char *from, const char *to) {
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CHECK(in >= 0 && out >= 0);
    static char bytes[1 << 16];
    for (ssize_t count; (count = read(in, bytes, sizeof bytes)) > 0;) CHECK(write(out, bytes, (size_t)count) == count);
    close(in), close(out);
}

/* As long as a library and longer, of bytes that trap or mean nothing. */
static void decoy(const char *name) {
    static char bytes[1 << 16];
    memset(bytes, 0xcc, sizeof bytes);
    int out = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CHECK(out >= 0);
    for (int i = 0; i < 256; i++) CHECK(write(out, bytes, sizeof bytes) == sizeof bytes);
    close(out);
}

static pid_t owner;

static void clean(void) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    if (getpid() == owner && system(command) != 0) perror(command);
}

static void own_copy(const char *folder) {
    owner = getpid();
    atexit(clean);
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/%s", directory, folder);
    CHECK(mkdir(path, 0755) == 0);
    snprintf(path, sizeof path, "%s/%s/library.so", directory, folder);
    copy(library, path);
}

static long descriptors(void) {
    long count = 0;
    DIR *list = opendir("/proc/self/fd");
    CHECK(list != NULL);
    while (readdir(list)) count++;
    closedir(list);
    return count;
}

/* How many mappings there are, none of them writable and executable. */
static long mappings(void) {
    long count = 0;
    char line[4608], permissions[8];
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps)) {
        count++;
        CHECK(sscanf(line, "%*s %7s", permissions) == 1);
        CHECK(!(permissions[1] == 'w' && permissions[2] == 'x'));
    }
    fclose(maps);
    return count;
}

/* Has system calls fail from now on. */
static void refuse(int error, const long *calls, size_t count) {
    struct sock_filter filter[40] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    size_t length = 1;
    for (size_t i = 0; i < count; i++) {
        if (calls[i] < 0) continue;
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {(unsigned short)length, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) skip("no filters");
}
#define REFUSE(error, ...)                                                                                             \
    refuse(error, (const long[]){__VA_ARGS__}, sizeof(const long[]){__VA_ARGS__} / sizeof(long))

#ifndef SYS_open
#define SYS_open (-1)
#endif
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif

/* The library is replaced on disk before the first trampoline. */
static void w1(void) {
    own_copy("lib");
    load(path);
    char other[256];
    snprintf(other, sizeof other, "%s/other", directory);
    decoy(other);
    CHECK(rename(other, path) == 0);
    works();
}

/* Its path has a space, and a file is where the path would end without what follows. */
static void w2(void) {
    own_copy("a b");
    char other[256];
    snprintf(other, sizeof other, "%s/a", directory);
    decoy(other);
    load(path);
    works();
}

/* Another file is at its path in a new root. */
static void w3(void) {
    own_copy("lib");
    load(path);
    char root[256], inside[1024];
    snprintf(root, sizeof root, "%s/root", directory);
    snprintf(inside, sizeof inside, "mkdir -p '%s%s/lib'", root, directory);
    CHECK(system(inside) == 0);
    snprintf(inside, sizeof inside, "%s%s", root, path);
    decoy(inside);
    pid_t child = fork(); /* so that someone can clean up */
    if (child == 0) {
        snprintf(inside, sizeof inside, "%s/proc", root);
        CHECK(mkdir(inside, 0755) == 0);
        if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) skip("mounts");
        if (mount("/proc", inside, NULL, MS_BIND | MS_REC, NULL) || chroot(root) || chdir("/")) skip("chroot");
        works();
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* All descriptors are closed after the first trampoline, and their numbers given to other files. */
static void w4_w5(void) {
    own_copy("lib");
    load(path);
    works();
    char other[256];
    snprintf(other, sizeof other, "%s/other", directory);
    decoy(other);
    for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);
    for (int i = 0; i < 50000; i++) works();
    for (int i = 0; i < 20; i++) CHECK(open(other, O_RDONLY) >= 3);
    for (int i = 0; i < 50000; i++) works();
}

/* A descriptor is kept open. */
static void w6(void) {
    long before = descriptors();
    load(library);
    works();
    CHECK(descriptors() == before);
}

static volatile int done;
static void *churns(void *unused) {
    while (!done) tramp.free(works());
    return unused;
}

/* A fork while other threads allocate, whose child allocates. */
static void w7(void) {
    load(library);
    works();
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, churns, NULL) == 0);
    for (int round = 0; round < 100; round++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            alarm(10);
            for (int i = 0; i < 300; i++) works();
            _exit(0);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    done = 1;
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* Descriptors are used up when it is first asked, and had again later. */
static void w8(void) {
    load(library);
    struct rlimit limit, none = {0, 0};
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none.rlim_max = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    CHECK(tramp.is_supported() == 1);
    tramp.alloc(0);
    CHECK(tramp.is_supported() == 1);
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(tramp.is_supported() == 1);
    works();
}

/* Everything is refused but a file in the second directory. */
static void w9(void) {
    own_copy("lib");
    load(path);
    CHECK(unlink(path) == 0);
    if (unshare(CLONE_NEWNS) != 0) skip("mounts");
    char noexec[256];
    snprintf(noexec, sizeof noexec, "%s/noexec", directory);
    CHECK(mkdir(noexec, 0755) == 0);
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", noexec, "tmpfs", MS_NOEXEC, NULL)) skip("mounts");
    setenv("TMPDIR", noexec, 1), setenv("LIBFFI_TMPDIR", noexec, 1);
    REFUSE(EPERM, SYS_memfd_create, SYS_mremap);
    works();
    mappings();
    umount2(noexec, MNT_DETACH);
}

/* No file can be opened, nor made in memory. */
static void w10(void) {
    load(library);
    REFUSE(EACCES, SYS_open, SYS_openat, SYS_memfd_create);
    CHECK(tramp.is_supported() == 1);
    works();
}

/* The process's number is another process's in /proc. */
static void w11(void) {
    load(library);
    if (unshare(CLONE_NEWPID) != 0) skip("process namespaces");
    pid_t child = fork();
    if (child == 0) {
        /* Nothing can be written either, so only a file that was found will do. */
        struct rlimit none = {0, 0};
        CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &none) == 0);
        works();
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* The code is made writable. */
static void w12(void) {
    load(library);
    uintptr_t page = (uintptr_t)tramp.get_addr(works()) & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);
    CHECK(mprotect((void *)page, 1, PROT_READ | PROT_WRITE | PROT_EXEC) == -1);
    CHECK(mprotect((void *)page, 1, PROT_READ | PROT_WRITE) == -1);
    mappings();
}

static long resident(void) {
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm && fscanf(statm, "%*s %ld", &pages) == 1);
    fclose(statm);
    return pages * sysconf(_SC_PAGESIZE);
}

/* Mappings and memory of very many: a mapping for a page of thunks, a few for each region, and half as much again as the slots. */
static void w13_w14(void) {
    const char *wanted = getenv("TRAMP_TEST_LIVE");
    long count = wanted ? atol(wanted) : 300000, before;
    load(library);
    void **all = calloc((size_t)count, sizeof *all);
    CHECK(all != NULL);
    memset(all, 1, (size_t)count * sizeof *all);
    works(), works();
    size_t pitch = (size_t)llabs((char *)tramp.get_addr(works()) - (char *)tramp.get_addr(works()));
    before = mappings();
    long memory = resident();
    for (long i = 0; i < count; i++) CHECK((all[i] = tramp.alloc(0)) && (tramp.set_parms(all[i], (void *)example_target, all), 1));
    long bytes = (resident() - memory) / (count / 1000), maps = mappings() - before;
    printf("%ld live: %ld mappings, %ld.%03ld bytes each\n", count, maps, bytes / 1000, bytes % 1000);
    /* A page of 4 KiB leads to as many slots as fit in one behind a header. Where tables share a page of 64 KiB, it leads to
       more. A region adds three mappings to at least eight copies of such a page, or to 32 of the small ones. */
    long each = 4096 / (long)pitch - 2;
    CHECK(maps < count / each * 9 / 8 + 20);
    if (!getenv("TRAMP_TEST_RUNNER")) CHECK(bytes < (long)pitch * 1500); /* an emulator's own memory grows too */
    for (long i = 0; i < count; i++) tramp.free(all[i]);
}

/* Two are allocated and freed at every fill of a table: from some time on without the system. */
static void w17(void) {
    load(library);
    static void *live[600], *queue[4];
    for (int i = 0; i < 600; i++) live[i] = works();
    for (int i = 0; i < 600; i++) tramp.free(live[i]);
    REFUSE(ENOMEM, MMAP, SYS_munmap, SYS_mremap);
    for (int fill = 0; fill < 300; fill++) {
        live[fill] = works();
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < 2; i++) queue[i] = works();
            for (int i = 0; i < 2; i++) tramp.free(queue[i]);
        }
    }
}

static long characters_read(void) {
    long count = 0;
    FILE *io = fopen("/proc/self/io", "r");
    if (!io || fscanf(io, "rchar: %ld", &count) != 1) skip("/proc/self/io");
    fclose(io);
    return count;
}

/* The first trampoline of a process with 20,000 mappings. */
static void w18(void) {
    load(library);
    uint64_t query[13] = {sizeof query, 0, (uintptr_t)w18};
    int maps = open("/proc/self/maps", O_RDONLY);
    if (ioctl(maps, 0xc0686611, query) != 0) skip("this system's list of mappings has to be read"); /* before Linux 6.11 */
    close(maps);
    for (int i = 0; i < 20000; i++)
        CHECK(mmap(NULL, 4096, i & 1 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    long before = characters_read();
    works();
    long count = characters_read() - before;
    printf("%ld characters read\n", count);
    CHECK(count < 16384);
}

static void call_it(void *address) { ((long (*)(long))address)(2); }
static void free_it(void *handle) { tramp.free(handle); }

/* A call after free, and free again. */
static void w19(void) {
    load(library);
    void *made = works(), *address = tramp.get_addr(made);
    tramp.free(made);
    check_dies(call_it, address, "after it was freed");
    check_dies(free_it, made, "not a live trampoline");
    works();
}

static void w20(void) {
    load(library);
    tramp.free(NULL);
    works();
    tramp.free(NULL);
}

/* The library is loaded and unloaded again and again. */
static void w21(void) {
    long files = 0, maps = 0;
    for (int round = 0; round < 50; round++) {
        void *handle = load(library);
        works();
        CHECK(dlclose(handle) == 0);
        if (round == 0) files = descriptors(), maps = mappings();
    }
    CHECK(descriptors() == files && mappings() <= maps + 4);
}

static void *many(void *unused) {
    static _Thread_local void *live[20000];
    for (int i = 0; i < 20000; i++) live[i] = works();
    for (int i = 0; i < 20000; i++) tramp.free(live[i]);
    return unused;
}

/* Threads make and free very many. */
static void w22(void) {
    load(library);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, many, NULL) == 0);
    for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* A pointer that is no handle. */
static void w23(void) {
    load(library);
    static uintptr_t foreign[16];
    works();
    CHECK(tramp.set_parms(foreign, (void *)example_target, NULL) == 0);
    check_dies(free_it, foreign, "not a live trampoline");
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"w1", w1},   {"w2", w2},   {"w3", w3},   {"w4_w5", w4_w5}, {"w6", w6},           {"w7", w7},
                 {"w8", w8},   {"w9", w9},   {"w10", w10}, {"w11", w11},     {"w12", w12},         {"w13_w14", w13_w14},
                 {"w17", w17}, {"w18", w18}, {"w19", w19}, {"w20", w20},     {"w21", w21},         {"w22", w22},
                 {"w23", w23}};
    if (count == 3) {
        library = arguments[2];
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            if (strcmp(cases[i].name, arguments[1]) != 0) continue;
            cases[i].run();
            return 0;
        }
    }
    if (count == 1) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) puts(cases[i].name);
        return 0;
    }
    fputs("weaknesses CASE LIBRARY\n", stderr);
    return 2;
}
