//! The second source of tables: the pages that this code runs from.
//!
//! `mremap(2)` with `MREMAP_DONTUNMAP` moves a mapping's pages to another place and leaves the mapping itself, which
//! the kernel fills from its file again. For text, this makes a duplicate without a path, a descriptor or /proc. The
//! duplicate is private, as all text is. Where nothing forbids it (`PR_SET_MDWE`, `SELinux`, `mseal`), a program could
//! make a page of it writable, as it could with its own text.
//!
//! Not every system that accepts the flag keeps the source. qemu-user unmaps it. Some programs put their text into
//! anonymous memory, to have large pages, and such memory reads as zeros afterwards. So the code first tries a page
//! that nothing else uses. Then it compares the linked tables, which are templates and never run, and puts them back if
//! they have changed.

use std::borrow::Cow;
use std::io;

use memmap2::MmapMut;

use super::unix::code::Code;
use super::unix::linked::Linked;
use super::unix::page::page_bytes;
use super::{execute_only, remap};
use crate::source::Failure;

/// Duplicates the pages of all tables.
pub(super) fn map(tables: Linked<'_>) -> Result<Code, Failure> {
    let Cow::Borrowed(linked) = execute_only::linked_bytes()? else {
        // The copy would be as unreadable as the text, and nothing runs that was not compared.
        return Err(Failure::Unreadable(io::ErrorKind::Unsupported.into()));
    };
    let copy = duplicate(linked)?;
    // SAFETY: the duplicate of readable text is readable.
    if unsafe { copy.holds(tables) } { Ok(copy) } else { Err(Failure::NotKept) }
}

/// Duplicates the pages of `linked`.
fn duplicate(linked: &[u8]) -> Result<Code, Failure> {
    let page_bytes = page_bytes().map_err(|_| Failure::NotKept)?;
    keeps_the_source(page_bytes)?;

    let before = linked.to_vec();
    let from = linked.as_ptr().cast_mut();
    let copy = Code::place(linked.len()).map_err(Failure::Duplicate)?;
    // SAFETY: `copy` owns the place. If the source does not keep its bytes, nothing runs them, and the code below puts
    // them back.
    unsafe { remap::duplicate_private(from, linked.len(), copy.start()) }.map_err(Failure::Duplicate)?;
    // SAFETY: the linked bytes were read above, so their duplicate is readable.
    if !unsafe { copy.equals(&before) } {
        return Err(Failure::NotKept); // another thread is at this same point and has the bytes
    }
    if !still_holds(linked, &before) {
        // SAFETY: this code owns the copy. It becomes the linked pages again.
        let put = unsafe { remap::put(copy.start(), linked.len(), from) };
        core::mem::forget(copy);
        return Err(put.err().map_or(Failure::NotKept, Failure::Duplicate));
    }
    Ok(copy)
}

/// Compares memory that may have changed without the compiler's knowledge.
fn still_holds(linked: &[u8], before: &[u8]) -> bool {
    // SAFETY: every byte is in the slice.
    let read = |byte: &u8| unsafe { core::ptr::from_ref(byte).read_volatile() };
    linked.len() == before.len() && linked.iter().zip(before).all(|(now, &before)| read(now) == before)
}

/// Tries whether the system keeps the source, with a page that nothing else uses.
fn keeps_the_source(page_bytes: usize) -> Result<(), Failure> {
    let mut source = MmapMut::map_anon(page_bytes).map_err(Failure::Duplicate)?;
    let target = Code::place(page_bytes).map_err(Failure::Duplicate)?;
    // SAFETY: this code owns both pages.
    unsafe { remap::duplicate_private(source.as_mut_ptr(), page_bytes, target.start()) }.map_err(Failure::Duplicate)?;
    if is_mapped(source.as_mut_ptr(), page_bytes) {
        return Ok(());
    }
    // A page that is not mapped must not be unmapped. (If the system only refuses to answer, this loses a page.)
    core::mem::forget(source);
    Err(Failure::NotKept)
}

/// Asks without touching the page and without a descriptor. qemu-user answers from its own list, and that is the right
/// list.
fn is_mapped(page: *mut u8, bytes: usize) -> bool {
    let mut resident = 0_u8;
    // SAFETY: the call writes one byte for one page.
    unsafe { libc::mincore(page.cast(), bytes, &raw mut resident) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::geometry::LINKED_BYTES;
    use crate::map::here::linked_bytes;

    #[test]
    fn the_text_is_duplicated_or_left_as_it_is() {
        let linked = linked_bytes().expect("readable");
        let before = linked.to_vec();
        for _ in 0..3 {
            match duplicate(&linked) {
                // SAFETY: a copy of readable text is readable.
                Ok(copy) => assert!(unsafe { copy.equals(&before) }),
                Err(failure) => eprintln!("not here: {failure}"),
            }
            assert!(still_holds(&linked, &before));
        }
    }

    #[test]
    fn text_in_anonymous_memory_is_put_back() {
        let mut anonymous = MmapMut::map_anon(LINKED_BYTES).expect("memory");
        let linked = linked_bytes().expect("readable");
        anonymous.copy_from_slice(&linked);
        let text = anonymous.make_read_only().expect("read-only");
        assert!(duplicate(&text).is_err());
        assert!(still_holds(&text, &linked));
    }

    #[test]
    fn zeros_are_no_tables() {
        let zeros = MmapMut::map_anon(LINKED_BYTES).expect("memory").make_read_only().expect("read-only");
        assert!(matches!(duplicate(&zeros), Err(Failure::NotKept)));
    }
}
