//! `PROCMAP_QUERY` (Linux 6.11): this asks the kernel where this code was mapped from. The answer costs the same
//! however many mappings the process has.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;

use super::hardening;
use super::maps::OWN_PROGRAM;
use super::unix::own_file::Mapping;

/// include/uapi/linux/fs.h, `struct procmap_query`.
#[repr(C)]
#[derive(Default)]
struct Query {
    bytes: u64,
    flags: u64,
    address: u64,
    start: u64,
    end: u64,
    mapping_flags: u64,
    page_bytes: u64,
    offset: u64,
    inode: u64,
    device: [u32; 2],
    name_bytes: u32,
    build_id_bytes: u32,
    name: u64,
    build_id: u64,
}

/// `_IOWR('f', 17, struct procmap_query)`. The number is the same on every processor of this crate.
const PROCMAP_QUERY: u32 = 0xc068_6611;
const _: () = assert!(size_of::<Query>() == 0x68);

/// The mapping that holds `address`, if the kernel answers. Under a seccomp filter the code does not ask, because the
/// filter may kill the process for it.
pub(super) fn find(address: usize) -> Option<Mapping> {
    if hardening::is_filtered() {
        return None;
    }
    let maps = File::open("/proc/self/maps").ok()?;
    let mut name = [0_u8; 4 << 10];
    let mut query = Query {
        bytes: size_of::<Query>() as u64,
        address: address as u64,
        name_bytes: u32::try_from(name.len()).ok()?,
        name: name.as_mut_ptr().expose_provenance() as u64,
        ..Query::default()
    };
    #[allow(clippy::cast_lossless, clippy::cast_possible_wrap, reason = "C libraries differ in the type")]
    // SAFETY: for a file in /proc, the call writes the structure and at most `name_bytes` of the name. Older systems
    // refuse.
    let asked = unsafe { libc::ioctl(maps.as_raw_fd(), PROCMAP_QUERY as libc::Ioctl, &raw mut query) };
    if asked != 0 {
        return None;
    }
    // The kernel gives the path unchanged, also its newlines, with a zero after it.
    let path = name.get(..usize::try_from(query.name_bytes).ok()?)?.strip_suffix(b"\0")?;
    let mut paths = Vec::new();
    if !path.is_empty() {
        paths.push(OsString::from_vec(path.to_vec()).into());
    }
    paths.push(OWN_PROGRAM.into());
    Some(Mapping {
        start: usize::try_from(query.start).ok()?,
        end: usize::try_from(query.end).ok()?,
        offset: query.offset,
        inode: Some(query.inode),
        paths,
    })
}

#[cfg(test)]
mod tests {
    use super::super::maps;
    use super::*;

    #[test]
    fn asking_and_reading_agree() {
        let here = find as *const () as usize;
        match find(here) {
            Some(mapping) => assert_eq!(mapping, maps::find(here).expect("this function is mapped from a file")),
            None => eprintln!("not here: this system has to be read"),
        }
    }
}
