#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *block, int byte, size_t size);
int memcmp(const void *one, const void *other, size_t size);
int strcmp(const char *one, const char *other);
