#include "records.h"

static records_changed on_change;

records_changed records_on_change(records_changed changed) {
    records_changed before = on_change;
    on_change = changed;
    return before;
}

void records_sort(struct record *records, size_t count, record_order order) {
    for (size_t end = count; end > 1; end--)
        for (size_t i = 1; i < end; i++)
            if (order(&records[i - 1], &records[i]) > 0) {
                struct record record = records[i];
                records[i] = records[i - 1];
                records[i - 1] = record;
            }
    if (on_change)
        on_change(count);
}

size_t records_each(const struct record *records, size_t count, record_visit *visit,
                    int (*keep)(const struct record *record)) {
    size_t visited = 0;
    for (size_t i = 0; i < count; i++)
        if (!keep || keep(&records[i])) {
            visit(i, &records[i]);
            visited++;
        }
    return visited;
}
