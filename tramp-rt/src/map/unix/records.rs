//! Lists of mappings as FreeBSD and NetBSD give them: records of `struct kinfo_vmentry`, one after the other.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::own_file::Mapping;
use crate::source::Failure;

/// The offset of each field in a record, in bytes.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) length: Length,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) offset: usize,
    pub(crate) inode: usize,
    /// The path ends at a zero, or at the end of the record.
    pub(crate) path: usize,
}

/// The length of a record.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "a system has one of the two")]
pub(crate) enum Length {
    /// Each record begins with an `int` that says its length.
    Said,
    /// All records have this length.
    Fixed(usize),
}

/// The mapping that holds `address`, if it is in the list.
pub(crate) fn find(list: &[u8], layout: &Layout, address: usize) -> Option<Mapping> {
    let mut rest = list;
    while !rest.is_empty() {
        let length = match layout.length {
            Length::Said => usize::try_from(i32::from_ne_bytes(*rest.first_chunk()?)).ok()?,
            Length::Fixed(length) => length,
        };
        // A length of 0 would make this loop endless. The kernel may end a list with such a record.
        let (record, behind) = rest.split_at_checked(length).filter(|_| length > 0)?;
        match parse(record, layout) {
            Some(mapping) if (mapping.start..mapping.end).contains(&address) => return Some(mapping),
            _ => rest = behind,
        }
    }
    None
}

/// The mapping as the kernel lists it, with the linker's paths after its own. Or the linker's mapping, if the kernel
/// lists none.
pub(crate) fn join(listed: Result<Mapping, Failure>, loaded: Option<Mapping>) -> Result<Mapping, Failure> {
    match (listed, loaded) {
        (Ok(mut mapping), Some(loaded)) => {
            mapping.paths.extend(loaded.paths);
            Ok(mapping)
        }
        (Err(_), Some(loaded)) => Ok(loaded),
        (listed, None) => listed,
    }
}

fn parse(record: &[u8], layout: &Layout) -> Option<Mapping> {
    let word = |at: usize| record.get(at..)?.first_chunk().copied().map(u64::from_ne_bytes);
    let path = record.get(layout.path..)?.split(|&byte| byte == 0).next()?;
    let path = (!path.is_empty()).then(|| OsString::from_vec(path.to_vec()).into());
    Some(Mapping {
        start: word(layout.start)?.try_into().ok()?,
        end: word(layout.end)?.try_into().ok()?,
        offset: word(layout.offset)?,
        inode: word(layout.inode).filter(|&inode| inode != 0),
        paths: path.into_iter().collect(),
    })
}

/// FreeBSD 12 and later: a record is as long as its path needs. `freebsd.rs` asserts that libc has the same numbers.
#[cfg(test)]
pub(crate) const FREEBSD: Layout = Layout { length: Length::Said, start: 8, end: 16, offset: 24, inode: 32, path: 136 };

/// NetBSD 8 and later: a record has room for the longest path. `netbsd.rs` asserts that libc has the same numbers.
#[cfg(test)]
pub(crate) const NETBSD: Layout =
    Layout { length: Length::Fixed(104 + 1024), start: 0, end: 8, offset: 16, inode: 64, path: 104 };

#[cfg(test)]
impl Layout {
    #[allow(dead_code, reason = "asserted on the systems that have such lists")]
    pub(crate) const fn equals(&self, other: &Self) -> bool {
        let same_length = match (self.length, other.length) {
            (Length::Said, Length::Said) => true,
            (Length::Fixed(one), Length::Fixed(another)) => one == another,
            _ => false,
        };
        same_length
            && self.start == other.start
            && self.end == other.end
            && self.offset == other.offset
            && self.inode == other.inode
            && self.path == other.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as a kernel writes it. Fields that the layout does not name are filled with `0xa5`.
    fn record(layout: &Layout, words: [u64; 4], path: &[u8]) -> Vec<u8> {
        let length = match layout.length {
            Length::Said => (layout.path + path.len() + 1).next_multiple_of(8),
            Length::Fixed(length) => length,
        };
        let mut record = vec![0xa5; length];
        for (at, word) in [layout.start, layout.end, layout.offset, layout.inode].into_iter().zip(words) {
            record[at..at + 8].copy_from_slice(&word.to_ne_bytes());
        }
        record[layout.path..].fill(0);
        record[layout.path..layout.path + path.len()].copy_from_slice(path);
        if let Length::Said = layout.length {
            record[..4].copy_from_slice(&i32::try_from(length).expect("short").to_ne_bytes());
        }
        record
    }

    fn list(layout: &Layout) -> Vec<u8> {
        [
            record(layout, [0x20_0000, 0x20_4000, 0, 0x2_0000_0001], b"/home/user/program with a long name"),
            record(layout, [0x20_4000, 0x20_9000, 0x3000, 0x2_0000_0001], b"/home/user/program with a long name"),
            record(layout, [0x20_9000, 0x20_a000, 0, 0], b""),
            record(layout, [0x8_0100_0000, 0x8_0102_0000, 0x1_f000, 77], b"/libexec/ld-elf.so.1"),
        ]
        .concat()
    }

    #[test]
    fn records_are_found_by_address() {
        for layout in [FREEBSD, NETBSD] {
            let list = list(&layout);
            let program = find(&list, &layout, 0x20_4000).expect("listed");
            assert_eq!((program.start, program.end, program.offset), (0x20_4000, 0x20_9000, 0x3000));
            assert_eq!(program.inode, Some(0x2_0000_0001));
            assert_eq!(program.paths, [std::path::PathBuf::from("/home/user/program with a long name")]);
            let anonymous = find(&list, &layout, 0x20_9fff).expect("listed");
            assert_eq!((anonymous.inode, anonymous.paths.len()), (None, 0));
            // This address has more than 32 bits, so only 64-bit processors test it.
            let linker =
                usize::try_from(0x8_0101_ffff_u64).ok().map(|high| find(&list, &layout, high).expect("listed"));
            assert!(linker.is_none_or(|linker| linker.offset == 0x1_f000));
            assert_eq!(find(&list, &layout, 0x20_a000), None, "between two");
            assert_eq!(find(&list, &layout, 0), None);
            assert_eq!(find(&[], &layout, 0x20_4000), None);
        }
    }

    #[test]
    fn a_list_that_is_cut_off_is_read_as_far_as_it_goes() {
        for layout in [FREEBSD, NETBSD] {
            let list = list(&layout);
            let first = record(&layout, [0x20_0000, 0x20_4000, 0, 0], b"/home/user/program with a long name").len();
            for length in 0..list.len() {
                let found = find(&list[..length], &layout, 0x20_0000);
                assert_eq!(found.is_some(), length >= first, "{length} bytes");
            }
        }
    }

    #[test]
    fn records_of_an_impossible_length_end_the_list() {
        for length in [0, -1, i32::MIN, 3, i32::MAX] {
            let mut list = list(&FREEBSD);
            list[..4].copy_from_slice(&i32::to_ne_bytes(length));
            assert_eq!(find(&list, &FREEBSD, 0x20_4000), None, "{length}");
        }
    }

    #[test]
    fn a_path_may_fill_its_record() {
        let mut full = record(&NETBSD, [0x1000, 0x2000, 0, 1], b"");
        full[NETBSD.path..].fill(b'x');
        let found = find(&full, &NETBSD, 0x1000).expect("listed");
        assert_eq!(found.paths[0].as_os_str().len(), 1024);
    }

    #[test]
    fn the_kernels_path_is_tried_before_the_linkers() {
        let mapping = |inode, path: &str| Mapping { start: 1, end: 2, offset: 0, inode, paths: vec![path.into()] };
        let joined = join(Ok(mapping(Some(7), "/a")), Some(mapping(None, "/b"))).expect("a mapping");
        assert_eq!((joined.inode, joined.paths.len()), (Some(7), 2));
        assert!(joined.paths[0].ends_with("a"));
        let refused = || Err(Failure::ReadMappings(std::io::ErrorKind::PermissionDenied.into()));
        assert_eq!(join(refused(), Some(mapping(None, "/b"))).expect("the linker's").inode, None);
        assert!(matches!(join(refused(), None), Err(Failure::ReadMappings(_))));
        assert!(join(Ok(mapping(Some(7), "/a")), None).is_ok());
    }
}
