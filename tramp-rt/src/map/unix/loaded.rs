//! What the dynamic linker has loaded: `dl_iterate_phdr(3)`. It knows less than a kernel's list of mappings, but it can
//! be asked everywhere, and no sandbox forbids it.

use core::ffi::{CStr, c_int, c_void};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::own_file::Mapping;

/// ELF gABI, "Program Header".
const PT_LOAD: u32 = 1;

/// The loaded segment that holds `address`, with the linker's name for its file.
///
/// The linker's name for a program may be only the word that started it. `search` has the folders in which to look for
/// such a word: `PATH`, unless the user who set it has fewer rights than the program.
pub(crate) fn find(address: usize, search: Option<OsString>) -> Option<Mapping> {
    let mut found = Found { address, search, mapping: None };
    // SAFETY: the linker only calls back before this returns, with the pointer that it was given.
    unsafe { libc::dl_iterate_phdr(Some(look_at), (&raw mut found).cast()) };
    found.mapping
}

struct Found {
    address: usize,
    search: Option<OsString>,
    mapping: Option<Mapping>,
}

unsafe extern "C" fn look_at(object: *mut libc::dl_phdr_info, _size: usize, found: *mut c_void) -> c_int {
    // SAFETY: the linker's description of an object, and the `Found` of `find`.
    let (object, found) = unsafe { (&*object, &mut *found.cast::<Found>()) };
    #[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast, reason = "ELF's words are the processor's")]
    for header in 0..usize::from(object.dlpi_phnum) {
        // SAFETY: the object has that many program headers.
        let header = unsafe { &*object.dlpi_phdr.add(header) };
        let start = (object.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize);
        let end = start.wrapping_add(header.p_filesz as usize);
        if header.p_type == PT_LOAD && (start..end).contains(&found.address) {
            let name = if object.dlpi_name.is_null() {
                &[]
            } else {
                // SAFETY: a zero ends the name. The name lasts as long as the object is loaded, and the object contains
                // this code.
                unsafe { CStr::from_ptr(object.dlpi_name) }.to_bytes()
            };
            let paths = candidates(OsStr::from_bytes(name), found.search.as_deref());
            found.mapping = Some(Mapping { start, end, offset: header.p_offset as u64, inode: None, paths });
            return 1;
        }
    }
    0
}

/// Adds the path of this program as the last one, because some linkers have no name for it. Asks the system for the path.
pub(crate) fn or_this_program(mut mapping: Mapping) -> Mapping {
    mapping.paths.extend(std::env::current_exe());
    mapping
}

/// The paths that a loaded object's name may mean.
fn candidates(name: &OsStr, search: Option<&OsStr>) -> Vec<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return vec![name.into()];
    }
    let folders = search.filter(|_| !name.is_empty()).into_iter().flat_map(std::env::split_paths);
    folders.map(|folder| folder.join(name)).collect()
}

#[cfg(all(test, target_os = "linux"))] // of whose files and mappings the tests know
mod tests {
    use super::*;
    use crate::map::here::unix::code::At;
    use crate::map::here::unix::linked::Linked;
    use crate::map::here::unix::own_file;
    use crate::map::here::{maps, protection};

    #[test]
    fn the_linker_and_the_kernel_agree() {
        let address = Linked::tables(0).address();
        let loaded = or_this_program(find(address, None).expect("this program is loaded"));
        assert_eq!(loaded.paths.last(), std::env::current_exe().ok().as_ref(), "this program comes last");
        let listed = maps::find(address).expect("and mapped");
        assert_eq!(
            loaded.offset + (address - loaded.start) as u64,
            listed.offset + (address - listed.start) as u64,
            "of the same byte in the file"
        );
        assert!(own_file::map(&loaded, Linked::tables(0), At::anywhere(protection())).is_ok());
        assert!(find(8, None).is_none());
    }

    #[test]
    fn a_name_without_a_slash_is_looked_for() {
        let of = |name: &str, search| candidates(name.as_ref(), search);
        let search = Some(OsStr::new("/bin:/usr/local/bin"));
        assert_eq!(of("/usr/lib/libx.so", search), [PathBuf::from("/usr/lib/libx.so")]);
        assert_eq!(of("./program", search), [PathBuf::from("./program")]);
        assert_eq!(of("program", search), [PathBuf::from("/bin/program"), "/usr/local/bin/program".into()]);
        assert!(of("program", None).is_empty());
        assert!(of("", search).is_empty());
    }
}
