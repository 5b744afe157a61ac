/*
 * Structs of callbacks without user data: one that C keeps the address of, one that it copies.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct file_operations {
    int32_t version;
    const char *name;
    int32_t (*open)(const char *path);
    int64_t (*read)(char *buffer, size_t size);
    int64_t (*size)(void); /* may be NULL */
    void (*close)(void);
    uint64_t opened; /* C counts here */
};

static struct file_operations *registered;

int32_t ops_register(struct file_operations *ops) {
    if (ops->version != 3 || ops->open == NULL || ops->read == NULL || ops->close == NULL) {
        return -1;
    }
    registered = ops;
    return 0;
}

/* The file at `path`, `chunk` bytes at a time: its size, or what `open` said. */
int64_t ops_read_file(const char *path, char *buffer, size_t chunk) {
    int32_t status = registered->open(path);
    if (status < 0) {
        return status;
    }
    registered->opened++;
    int64_t total = 0, got;
    while ((got = registered->read(buffer + total, chunk)) > 0) {
        total += got;
    }
    registered->close();
    return got < 0 ? got : total;
}

/* -1 if the entry is NULL. */
int64_t ops_size(void) {
    return registered->size == NULL ? -1 : registered->size();
}

static void *sizes(void *count) {
    for (size_t i = 0; i < (size_t)count; i++) {
        ops_size();
    }
    return NULL;
}

/* `count` calls of `size` on each of four threads at once; they have ended when this returns. */
int32_t ops_size_on_threads(size_t count) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        if (pthread_create(&threads[i], NULL, sizes, (void *)count) != 0) {
            return -1;
        }
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}

struct memory_hooks {
    void *(*allocate)(size_t size);
    void *(*resize)(void *block, size_t size);
    void (*release)(void *block);
};

/* A string in memory of the hooks', made and freed; whether it was as it should be. */
int32_t ops_use_memory(struct memory_hooks hooks) {
    char *text = hooks.allocate(6);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, "hello", 6);
    text = hooks.resize(text, 12);
    if (text == NULL) {
        return 0;
    }
    memcpy(text + 5, " world", 7);
    int32_t right = strcmp(text, "hello world") == 0;
    hooks.release(text);
    return right;
}
