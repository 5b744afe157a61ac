/* What the test programs share. Each ends with 0, or says what is wrong and ends with 1. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tramp.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno);                          \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* A random word, the same ones in every run. */
static inline uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Runs `misuse` in a child process, which has to abort and to say `message`. */
static inline void check_dies(void (*misuse)(void *), void *argument, const char *message) {
    int pipes[2];
    CHECK(pipe(pipes) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(pipes[1], 2);
        misuse(argument);
        _exit(0);
    }
    close(pipes[1]);
    char said[512];
    size_t length = 0;
    for (ssize_t count; (count = read(pipes[0], said + length, sizeof said - 1 - length)) > 0;) length += (size_t)count;
    said[length] = 0;
    close(pipes[0]);
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(said, message)) {
        fprintf(stderr, "status %#x, not an abort with \"%s\", but: %s\n", status, message, said);
        exit(1);
    }
}

/* The target in ../../examples, which calls this. */
extern long example_target(long argument);
long example_handler(void *context, long argument);
