/*
 * C's qsort with a comparator that has a context: the column to sort lines by, and a count of comparisons.
 *
 *     cc qsort.c $(pkg-config --cflags --libs tramp) -o qsort && ./qsort
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tramp.h>

struct order {
    size_t column;
    long comparisons;
};

/* qsort's comparator, with the context behind its arguments. */
static int compare(const void *a, const void *b, void *context) {
    struct order *order = context;
    order->comparisons++;
    return strcmp(*(const char *const *)a + order->column, *(const char *const *)b + order->column);
}

int main(void) {
    const char *words[] = {"b3a", "a2b", "c1c"};
    struct order by_letter = {0, 0}, by_digit = {1, 0};

    void *tramp = tramp_alloc_arguments(2, 0); /* two pointers come before the context */
    if (!tramp) {
        fputs("there is no trampoline left\n", stderr);
        return 1;
    }
    int (*by)(const void *, const void *);

    by = (int (*)(const void *, const void *))tramp_bind(tramp, (tramp_function)compare, &by_letter);
    qsort(words, 3, sizeof *words, by);
    printf("%s %s %s, %ld comparisons\n", words[0], words[1], words[2], by_letter.comparisons);

    by = (int (*)(const void *, const void *))tramp_bind(tramp, (tramp_function)compare, &by_digit);
    qsort(words, 3, sizeof *words, by);
    printf("%s %s %s, %ld comparisons\n", words[0], words[1], words[2], by_digit.comparisons);

    ffi_tramp_free(tramp);
    return 0;
}
