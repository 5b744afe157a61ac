/* Pointers to nested functions in GNU C, in the situations that docs/languages.md lists: nested SITUATION */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)
#define NOINLINE __attribute__((noinline))

typedef int (*function)(int);
static function volatile kept;

static NOINLINE int call(function f, int x) { return f(x); }

/* Two pointers of one frame, which has room of a size that is not known before. */
static NOINLINE int sum(int n) {
    volatile int room[n + 1];
    int total = 0, calls = 0;
    int add(int x) { return total += x; }
    int count(int x) { return calls += x; }
    for (int i = 0; i < n; i++) {
        room[i] = i;
        call(add, room[i]);
        call(count, 1);
    }
    return total + calls;
}

/* For compilers to inline. */
static inline int twice(int y) {
    int get(int x) { return x + y; }
    kept = get;
    return kept(0) + kept(y);
}

static NOINLINE int inlined(int n) {
    int total = 1;
    int add(int x) { return total += x; }
    function volatile mine = add;
    for (int i = 0; i < n; i++) mine(twice(i));
    return total;
}

/* Its last arguments are on the stack, and the caller may leave them there for a while. */
static __attribute__((noipa)) int many(int a, int b, int c, int d, int e, int f, int g, int h) {
    return a + b + c + d + e + f + g + h;
}

static inline int beside_many(int y) {
    int get(int x) { return x + y; }
    kept = get;
    return many(1, 2, 3, 4, 5, 6, 7, y) + kept(y);
}

static NOINLINE int pushed(int n) {
    int total = n;
    int add(int x) { return total += x; }
    function volatile mine = add;
    mine(1);
    many(1, 2, 3, 4, 5, 6, 7, n);
    int beside = beside_many(n);
    return beside + mine(1);
}

static void plain(void) {
    int numbers[] = {5, 3, 9, 1, 7}, comparisons = 0;
    int compare(const void *a, const void *b) {
        comparisons++;
        return *(const int *)a - *(const int *)b;
    }
    qsort(numbers, 5, sizeof *numbers, compare);
    CHECK(numbers[0] == 1 && numbers[2] == 5 && numbers[4] == 9 && comparisons >= 4);
    for (int i = 0; i < 100; i++) {
        CHECK(sum(i) == i * (i - 1) / 2 + i);
        CHECK(inlined(i) == 1 + 3 * i * (i - 1) / 2);
        CHECK(pushed(i) == 30 + 4 * i);
    }
}

static int count_lines(const char *path) {
    FILE *file = fopen(path, "r");
    int lines = 0;
    for (int c; file && (c = getc(file)) != EOF;) lines += c == '\n';
    if (file) fclose(file);
    return lines;
}

/* One that ends with live trampolines, if it has a reason to. */
static void *in_a_thread(void *argument) {
    int here = (int)(long)argument;
    int get(int x) { return x + here; }
    function volatile mine = get;
    CHECK(mine(1) == here + 1);
    if (here % 2) pthread_exit(NULL);
    plain();
    return NULL;
}

static void threads(void) {
    int before = 0;
    for (int i = 0; i < 2000; i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, in_a_thread, (void *)(long)i) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        if (i == 200) before = count_lines("/proc/self/maps");
    }
    CHECK(count_lines("/proc/self/maps") <= before + 2);
}

enum { COROUTINES = 50 };
static ucontext_t out, coroutine[COROUTINES];

static void run_coroutine(int number) {
    int x = 100 + number;
    int get(int y) { return x + y; }
    function volatile mine = get;
    for (int i = 0; i < 3; i++) {
        CHECK(sum(number) == number * (number - 1) / 2 + number);
        swapcontext(&coroutine[number], &out);
        CHECK(mine(i) == 100 + number + i);
    }
}

static NOINLINE int another(int y) {
    int get(int x) { return x + y; }
    kept = get;
    return kept(1);
}

static void coroutines(void) {
    for (int i = 0; i < COROUTINES; i++) {
        getcontext(&coroutine[i]);
        coroutine[i].uc_stack.ss_sp = malloc(65536);
        coroutine[i].uc_stack.ss_size = 65536;
        coroutine[i].uc_link = &out;
        makecontext(&coroutine[i], (void (*)(void))run_coroutine, 1, i);
    }
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < COROUTINES; i++) {
            int next = round % 2 ? COROUTINES - 1 - i : (i * 7) % COROUTINES; /* in another order each time */
            swapcontext(&out, &coroutine[next]);
            CHECK(another(i) == i + 1);
        }
    }
}

static int depth = 100000;

static NOINLINE int go_deeper(int n, function caller) {
    int me(int x) { return n + x; }
    function volatile mine = me;
    if (caller) CHECK(caller(1) == n + 2);
    int below = n > 0 ? go_deeper(n - 1, mine) : 0;
    CHECK(mine(0) == n);
    return below + 1;
}

static void *deep_thread(void *argument) {
    (void)argument;
    struct timespec a, b, c;
    clock_gettime(CLOCK_MONOTONIC, &a);
    CHECK(go_deeper(depth / 10, NULL) == depth / 10 + 1);
    clock_gettime(CLOCK_MONOTONIC, &b);
    CHECK(go_deeper(depth, NULL) == depth + 1);
    clock_gettime(CLOCK_MONOTONIC, &c);
    double tenth = (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9;
    double whole = (c.tv_sec - b.tv_sec) + (c.tv_nsec - b.tv_nsec) / 1e9;
    CHECK(whole < 40 * tenth + 0.5); /* quadratic would be 100 */
    return NULL;
}

static void deep(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, (size_t)depth * 640 + (1 << 20)) == 0);
    CHECK(pthread_create(&thread, &attributes, deep_thread, NULL) == 0);
    pthread_join(thread, NULL);
}

static void million(void) {
    depth = 1000000;
    deep();
}

static jmp_buf back;

/* Never returns. */
static NOINLINE int leave(int n, int from) {
    int get(int x) { return x + n; }
    function volatile mine = get;
    if (n == 0) longjmp(back, 1);
    return leave(n - 1, from) + mine(from);
}

static NOINLINE void leave_and_go_on(int i) {
    volatile int here = i;
    int get(int x) { return x + here; }
    function volatile mine = get;
    for (volatile int round = 0; round < 50; round++) {
        if (!setjmp(back)) leave(round % 7 + i % 5, i);
        CHECK(mine(1) == i + 1);
        CHECK(another(round) == round + 1);
        CHECK(sum(round) == round * (round - 1) / 2 + round);
    }
}

static void jumps(void) {
    for (int i = 0; i < 200; i++) leave_and_go_on(i);
}

static volatile int handled;

static void handler(int number) {
    int get(int x) { return x + number; }
    function volatile mine = get;
    CHECK(mine(1) == number + 1);
    handled++;
}

static void signals(void) {
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    CHECK(sigaltstack(&stack, NULL) == 0);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    action.sa_flags = SA_RESTART;
    sigaction(SIGVTALRM, &action, NULL);
    struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    setitimer(ITIMER_VIRTUAL, &often, NULL);
    for (int i = 0; i < 1000 || handled < 500; i++) plain();
    setitimer(ITIMER_REAL, &never, NULL);
    setitimer(ITIMER_VIRTUAL, &never, NULL);
}

static void forks(void) {
    int here = 5;
    int get(int x) { return here += x; }
    function volatile mine = get;
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            plain();
            _exit(mine(i) == 5 + i && another(3) == 4 ? 0 : 1);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    CHECK(mine(0) == 5);
}

/* create, call and delete, in ns: the least of several rounds */
static void cost(void) {
    double least = 1e9;
    for (int round = 0; round < 7; round++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (int i = 0; i < 300000; i++) another(i);
        clock_gettime(CLOCK_MONOTONIC, &b);
        double each = ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / 300000;
        if (each < least) least = each;
    }
    printf("%.1f\n", least);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(void);
    } situations[] = {{"plain", plain}, {"threads", threads}, {"coroutines", coroutines}, {"deep", deep},
                      {"million", million}, {"longjmp", jumps}, {"signals", signals}, {"fork", forks}, {"cost", cost}};
    const char *name = count > 1 ? arguments[1] : "plain";
    for (size_t i = 0; i < sizeof situations / sizeof *situations; i++) {
        if (strcmp(name, situations[i].name)) continue;
        situations[i].run();
        return 0;
    }
    return 2;
}
