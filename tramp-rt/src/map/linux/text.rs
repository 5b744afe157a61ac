//! The second source of tables: the pages that this code runs from.
//!
//! `mremap(2)` with `MREMAP_DONTUNMAP` takes a mapping's pages to another place and leaves the mapping itself, which
//! reads them from its file again. For text that is a duplicate, with no path, no descriptor and no /proc. It is private,
//! as all text is: where nothing forbids it (`PR_SET_MDWE`, `SELinux`, `mseal`) a page of it could be made writable, as
//! any of the program's could.
//!
//! Not every system that accepts the flag keeps the source. qemu-user unmaps it; anonymous memory, which some programs
//! put their text into for the sake of large pages, reads as zeros afterwards. So a page that nobody misses is tried
//! first, and the linked tables, which are templates and never run, are compared and if need be put back.

use memmap2::MmapMut;

use super::remap;
use super::unix::code::Code;
use super::unix::page::page_bytes;
use crate::source::Failure;

/// Duplicates the pages of `linked`.
pub(super) fn map(linked: &[u8]) -> Result<Code, Failure> {
    let page_bytes = page_bytes().map_err(|_| Failure::NotKept)?;
    keeps_the_source(page_bytes)?;

    let before = linked.to_vec();
    let from = linked.as_ptr().cast_mut();
    let copy = Code::place(linked.len()).map_err(Failure::Duplicate)?;
    // SAFETY: the place is ours. If the source does not keep its bytes, nobody runs them, and they are put back below.
    unsafe { remap::duplicate_private(from, linked.len(), copy.start()) }.map_err(Failure::Duplicate)?;
    // SAFETY: what was duplicated is readable: it was read above.
    if !unsafe { copy.holds(&before) } {
        return Err(Failure::NotKept); // another thread is at this same point, and has the bytes
    }
    if !still_holds(linked, &before) {
        // SAFETY: the copy is ours, and becomes the linked pages that it was.
        let put = unsafe { remap::put(copy.start(), linked.len(), from) };
        core::mem::forget(copy);
        return Err(put.err().map_or(Failure::NotKept, Failure::Duplicate));
    }
    Ok(copy)
}

/// Compares memory that may have changed behind the compiler's back.
fn still_holds(linked: &[u8], before: &[u8]) -> bool {
    // SAFETY: every byte is in the slice.
    let read = |byte: &u8| unsafe { core::ptr::from_ref(byte).read_volatile() };
    linked.len() == before.len() && linked.iter().zip(before).all(|(now, &before)| read(now) == before)
}

/// Tries on a page of no use whether the system still has the source afterwards.
fn keeps_the_source(page_bytes: usize) -> Result<(), Failure> {
    let mut source = MmapMut::map_anon(page_bytes).map_err(Failure::Duplicate)?;
    let target = Code::place(page_bytes).map_err(Failure::Duplicate)?;
    // SAFETY: both pages are ours.
    unsafe { remap::duplicate_private(source.as_mut_ptr(), page_bytes, target.start()) }.map_err(Failure::Duplicate)?;
    if is_mapped(source.as_mut_ptr(), page_bytes) {
        return Ok(());
    }
    // What is not mapped is not ours to unmap. (If the system only refuses to tell, a page is lost.)
    core::mem::forget(source);
    Err(Failure::NotKept)
}

/// Asks without touching the page, and without a descriptor. qemu-user answers from its own list, which is what counts.
fn is_mapped(page: *mut u8, bytes: usize) -> bool {
    let mut resident = 0_u8;
    // SAFETY: for one page, one byte is written.
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
            match map(&linked) {
                // SAFETY: a copy of readable text.
                Ok(copy) => assert!(unsafe { copy.holds(&before) }),
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
        assert!(map(&text).is_err());
        assert!(still_holds(&text, &linked));
    }

    #[test]
    fn zeros_are_no_tables() {
        let zeros = MmapMut::map_anon(LINKED_BYTES).expect("memory").make_read_only().expect("read-only");
        assert!(matches!(map(&zeros), Err(Failure::NotKept)));
    }
}
