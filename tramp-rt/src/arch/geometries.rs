//! The geometries of tables, and the one that this processor has on this system: docs/decisions/geometry.md.

/// The sizes of tables, copies and runs.
#[derive(Debug, Clone, Copy)]
struct Geometry {
    /// The largest page that the processor has with this geometry.
    page_bytes: usize,
    table_bytes: usize,
    /// The unit of mapping: one table, or all of them.
    copy_bytes: usize,
    run_bytes: usize,
    /// From a thunk to its slot. In COFF the linker chooses the distance instead.
    distance: usize,
}

const HERE: Geometry = if cfg!(windows) {
    IMAGE
} else if cfg!(any(
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "powerpc64",
    target_arch = "loongarch64"
)) {
    ONE_PAGE_FOR_ALL
} else if cfg!(any(target_vendor = "apple", target_os = "android")) {
    LARGER_PAGES
} else {
    ONE_PAGE_EACH
};

/// Pages have 4 KiB. A table takes one page, and its copies are mapped one by one.
const ONE_PAGE_EACH: Geometry = Geometry {
    page_bytes: 4 << 10,
    table_bytes: 4 << 10,
    copy_bytes: 4 << 10,
    run_bytes: 4 << 10,
    distance: 128 << 10,
};

/// The processor's pages have 4 KiB, and those of Apple's systems and of Android's emulator 16 KiB.
const LARGER_PAGES: Geometry = Geometry { table_bytes: 16 << 10, copy_bytes: 16 << 10, ..ONE_PAGE_EACH };

/// Windows, whose pages have 4 KiB. The next copy of a table is a view of the whole image, so a table is larger.
const IMAGE: Geometry = Geometry { table_bytes: 16 << 10, copy_bytes: 16 << 10, ..ONE_PAGE_EACH };

/// Pages may have 64 KiB. All nine tables share one page of that size, with 7 KiB each.
const ONE_PAGE_FOR_ALL: Geometry = Geometry {
    page_bytes: 64 << 10,
    table_bytes: 7 << 10,
    copy_bytes: 64 << 10,
    run_bytes: 1 << 10,
    distance: 512 << 10,
};

pub(crate) const PAGE_BYTES: usize = HERE.page_bytes;
pub(crate) const TABLE_BYTES: usize = HERE.table_bytes;
pub(crate) const COPY_BYTES: usize = HERE.copy_bytes;
pub(crate) const RUN_BYTES: usize = HERE.run_bytes;
pub(crate) const DISTANCE: usize = HERE.distance;
