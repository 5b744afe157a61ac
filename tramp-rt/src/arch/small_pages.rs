//! The tables of processors whose pages have 4 KiB: docs/decisions/geometry.md.

/// A table takes one page, and its copies are mapped one by one.
///
/// Apple's systems and Android's emulator have larger pages. On Windows a table is larger because its next copy is a view
/// of the whole image.
pub(super) const TABLE_BYTES: usize =
    if cfg!(any(windows, target_vendor = "apple", target_os = "android")) { 16 << 10 } else { 4 << 10 };
