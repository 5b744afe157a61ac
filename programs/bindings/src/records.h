/* A small library with callbacks as C headers declare them: bindgen reads this, src/build.rs says how. */
#include <stddef.h>

struct record;

/* A typedef of a pointer to a function. */
typedef int (*record_order)(const struct record *a, const struct record *b);

/* A typedef of a function. */
typedef void record_visit(size_t index, const struct record *record);

struct record {
    const char *name;
    double weight;
};

void records_sort(struct record *records, size_t count, record_order order);

/* `visit` is called for each record for which `keep`, which may be NULL, answers anything but 0. */
size_t records_each(const struct record *records, size_t count, record_visit *visit,
                    int (*keep)(const struct record *record));

/* Called when records change from now on, until it is replaced. Returns what was there before, or NULL. */
typedef void (*records_changed)(size_t count);
records_changed records_on_change(records_changed changed);
