/* What tests have of POSIX's threads, by those of Windows. */
#include <stddef.h>
#include <stdlib.h>

typedef struct {
    void *handle;
    struct pthread_run {
        void *(*function)(void *argument);
        void *argument, *result;
    } *run;
} pthread_t;

void *CreateThread(void *security, size_t stack, unsigned long (*function)(void *), void *argument, unsigned long flags,
                   unsigned long *id);
unsigned long WaitForSingleObject(void *handle, unsigned long milliseconds);
int CloseHandle(void *handle);

static inline unsigned long pthread_start(void *argument) {
    struct pthread_run *run = argument;
    run->result = run->function(run->argument);
    return 0;
}

static inline int pthread_create(pthread_t *thread, const void *attributes, void *(*function)(void *), void *argument) {
    (void)attributes;
    thread->run = malloc(sizeof *thread->run);
    if (thread->run == NULL) {
        return 1;
    }
    *thread->run = (struct pthread_run){.function = function, .argument = argument};
    thread->handle = CreateThread(NULL, 0, pthread_start, thread->run, 0, NULL);
    return thread->handle == NULL;
}

static inline int pthread_join(pthread_t thread, void **result) {
    WaitForSingleObject(thread.handle, -1);
    if (result != NULL) {
        *result = thread.run->result;
    }
    free(thread.run);
    return CloseHandle(thread.handle) == 0;
}
