//! Windows: this code maps the module's image again, with code and data.
//!
//! The slots are linked, as the tables are (`asm/coff.s`). The runtime makes a section of the module's file as the
//! loader does (`SEC_IMAGE`). Each view of this section has code, and its own data: the tables and, at the distance
//! that the linker chose, zeroed slots. No page that was writable becomes executable. Arbitrary code guard requires
//! this. The loader never sees this view, so it corrects no addresses in it. That is harmless, because nothing in the
//! tables depends on their address.
//!
//! ```text
//!    the module, loaded     ┌─────────┬────────────┬──────────┬─────────────┐
//!                           │ .text   │ tables R-X │ .data    │ slots RW-   │   the first region of each table
//!                           └─────────┴────────────┴──────────┴─────────────┘
//!    its image once more    ┌─────────┬────────────┬──────────┬─────────────┐
//!                           │         │ tables R-X │          │ slots RW-   │   the next one
//!                           └─────────┴────────────┴──────────┴─────────────┘
//!                                      ▲ thunk ──── distance ──▶ slot
//! ```
//!
//! The code does not touch the rest of a view. It takes addresses, and commit charge for the writable part.
//!
//! Nothing here holds a lock. A thread that loses a race undoes its work.

use core::ptr::{NonNull, null};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;

use super::copies::Copies;
use crate::arch;
use crate::arch::geometry::{LINKED_BYTES, Table};
use crate::error::Error;
use crate::report::Feature;
use crate::source;
use crate::source::{Attempt, Failure, Source};
use crate::sync::{AtomicUsize, MadeOnce, Ordering};

#[path = "windows_api.rs"]
mod api;

pub(crate) const SUPPORTED: bool = true;

// A part is a table, and each region has one part.
const _: () =
    assert!(arch::COPY_BYTES == arch::TABLE_BYTES && arch::COPIES == 1 && Table::COUNT <= usize::BITS as usize);

/// One bit for each part of the linked tables that serves as a region.
static LINKED: AtomicUsize = AtomicUsize::new(0);

/// Returns a region with the tables of `part`: first the linked one, then those of further views.
pub(crate) fn region(part: usize) -> Result<(NonNull<u8>, Copies), Error> {
    // Here the linker chooses the distance: it is a relocation in the thunk and the difference of two symbols.
    if arch::tables().addr() % arch::PAGE_BYTES != 0 || arch::slots().addr() % arch::PAGE_BYTES != 0 {
        return Err(Error::Rewritten);
    }
    if source::in_order().next().is_some() && LINKED.fetch_or(1 << part, Ordering::Relaxed) >> part & 1 == 0 {
        return Ok((linked().tables(part), Copies::All));
    }
    master()?.image.map().map(|view| (view.tables(part), Copies::All)).map_err(Error::Copy)
}

#[expect(clippy::missing_safety_doc, reason = "documented once, in the first system's module")]
pub(crate) unsafe fn copy(_part: usize, _to: NonNull<u8>) -> Result<(), Error> {
    unreachable!("a view has all of a table")
}

/// Unmaps a region that nothing refers to, or gives back a linked region.
///
/// # Safety
/// `code` came from [`region`], and no slot of it is used.
pub(crate) unsafe fn discard(code: NonNull<u8>) {
    let part = code.addr().get().wrapping_sub(linked().tables(0).addr().get()) / arch::COPY_BYTES;
    if part < Table::COUNT {
        LINKED.fetch_and(!(1 << part), Ordering::Relaxed);
    } else if let Ok(view) = View::of(code.as_ptr()) {
        // SAFETY: `region` mapped it, and no slot of it is used.
        unsafe { view.unmap() }
    }
}

/// Does nothing: Windows has no call for this.
pub(crate) fn seal(_code: NonNull<u8>, _copies: Copies) {}

/// Makes the slots of a region read-only, or writable.
pub(crate) fn protect(code: NonNull<u8>, read_only: bool) -> io::Result<()> {
    let protection = if read_only { api::PAGE_READONLY } else { api::PAGE_READWRITE };
    let slots = code.as_ptr().wrapping_add(arch::distance());
    let mut before = 0;
    // SAFETY: slots are atomic, and nobody has exclusive use of them. A write at the wrong time is a fault. They have
    // pages of their own (asm/coff.s).
    match unsafe { api::VirtualProtect(slots.cast(), arch::COPY_BYTES, protection, &raw mut before) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The size of a page. It is the same on every processor on which Windows runs.
pub(crate) fn page_bytes() -> Result<usize, Error> {
    Ok(arch::PAGE_BYTES)
}

/// The image, of which further regions are views.
#[derive(Debug)]
pub(crate) struct Master {
    pub(crate) source: Source,
    pub(crate) failures: Vec<Attempt>,
    image: Image,
}

/// The section. The first call that succeeds makes it, and it is kept.
pub(crate) fn master() -> Result<&'static Master, Error> {
    static MASTER: MadeOnce<Master> = MadeOnce::new();

    MASTER.get_or_make(|| {
        if !source::in_order().any(|source| source == Source::File) {
            return Err(Error::NoSource(Vec::new()));
        }
        let image =
            Image::open().map_err(|failure| Error::NoSource(vec![Attempt { source: Source::File, failure }]))?;
        Ok(Master { source: Source::File, failures: Vec::new(), image })
    })
}

/// Makes a section of the module's file, as the loader does. Afterwards neither the path nor the file is needed.
#[derive(Debug)]
struct Image(OwnedHandle);

impl Image {
    /// Opens the file of the module that contains this code, and checks that the image is the same.
    fn open() -> Result<Self, Failure> {
        let module = linked();
        let path = module.path().map_err(Failure::ReadMappings)?;
        let file = File::options()
            .access_mode(api::GENERIC_READ | api::GENERIC_EXECUTE)
            .share_mode(api::FILE_SHARE_READ | api::FILE_SHARE_DELETE)
            .open(&path);
        let file = match file {
            Ok(file) => file,
            Err(error) => return Err(Failure::Open { path, error }),
        };
        let image = match Self::of(&file).and_then(|image| Ok((image.map()?, image))) {
            Ok((view, image)) => {
                let is_the_same = view.holds_the_tables();
                // SAFETY: the view was mapped just now, and no other code knows it.
                unsafe { view.unmap() };
                is_the_same.then_some(image)
            }
            Err(error) => return Err(Failure::Map { path, error }),
        };
        image.ok_or(Failure::Differs { path })
    }

    fn of(file: &File) -> io::Result<Self> {
        let protection = api::PAGE_EXECUTE_READ | api::SEC_IMAGE;
        // SAFETY: makes a section of the whole file, with no name and no attributes.
        let section = unsafe { api::CreateFileMappingW(file.as_raw_handle(), null(), protection, 0, 0, null()) };
        if section.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was made above, and nothing else owns it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(section) }))
    }

    /// Maps the image again. Each of its sections gets its own protection, whatever protection the call names.
    fn map(&self) -> io::Result<View> {
        let access = api::FILE_MAP_READ | api::FILE_MAP_EXECUTE;
        // SAFETY: makes a new view, at an address that the system chooses.
        let view = unsafe { api::MapViewOfFile(self.0.as_raw_handle(), access, 0, 0, 0) };
        NonNull::new(view.cast()).map(View).ok_or_else(io::Error::last_os_error)
    }
}

/// A view of the image, by its first address. The loaded module is one too.
#[derive(Debug, Clone, Copy)]
struct View(NonNull<u8>);

/// The loaded module that contains this code.
fn linked() -> View {
    unsafe extern "C" {
        // The first byte of the module. Every linker for Windows defines this symbol.
        static __ImageBase: u8;
    }
    // SAFETY: only the address is used.
    View(unsafe { NonNull::from(&__ImageBase) })
}

impl View {
    /// The view that contains an address.
    fn of(address: *const u8) -> io::Result<Self> {
        let start = api::query(address)?.AllocationBase;
        NonNull::new(start.cast()).map(Self).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The address in this view that corresponds to an address in another one.
    fn at(self, linked_at: *const u8) -> NonNull<u8> {
        let offset = linked_at.addr().wrapping_sub(linked().0.addr().get());
        NonNull::new(self.0.as_ptr().wrapping_add(offset)).unwrap_or(self.0) // no module begins at an offset's negative
    }

    fn tables(self, part: usize) -> NonNull<u8> {
        self.at(arch::tables().wrapping_add(part * arch::COPY_BYTES))
    }

    /// Whether this is the module's image. It is, if it has the tables as code at their linked place, and writable data
    /// at the place of the slots.
    fn holds_the_tables(self) -> bool {
        let (tables, slots) = (self.tables(0), self.at(arch::slots()));
        let is = |start: NonNull<u8>, protections: &[u32]| {
            let Ok(pages) = api::query(start.as_ptr()) else { return false };
            let end = pages.BaseAddress.addr() + pages.RegionSize;
            pages.AllocationBase.addr() == self.0.addr().get()
                && pages.Type == api::MEM_IMAGE
                && protections.contains(&pages.Protect)
                && end.saturating_sub(start.addr().get()) >= LINKED_BYTES
        };
        is(tables, &[api::PAGE_EXECUTE_READ])
            && is(slots, &[api::PAGE_READWRITE, api::PAGE_WRITECOPY])
            // SAFETY: both are readable, as the protections of the pages say, and nothing writes them.
            && unsafe { bytes(tables) == bytes(linked().tables(0)) }
            // SAFETY: the slots are readable too, and no other code knows them yet.
            && unsafe { bytes(slots) }.iter().all(|&byte| byte == 0)
    }

    /// The path of the file behind this view, if the loader made the view.
    fn path(self) -> io::Result<PathBuf> {
        let mut path = vec![0_u16; 260];
        loop {
            let room = u32::try_from(path.len()).map_err(|_| io::ErrorKind::InvalidFilename)?;
            // SAFETY: the handle of a module is its first address. The call writes at most as much as there is room
            // for.
            let length = unsafe { api::GetModuleFileNameW(self.0.as_ptr().cast(), path.as_mut_ptr(), room) };
            match length {
                0 => return Err(io::Error::last_os_error()),
                length if length < room => return Ok(OsString::from_wide(&path[..length as usize]).into()),
                _ => path.resize(2 * path.len(), 0),
            }
        }
    }

    /// # Safety
    /// The view must come from [`Image::map`], and nothing may refer to it.
    unsafe fn unmap(self) {
        // SAFETY: `Image::map` mapped the view, and nothing refers to it: the conditions of `unmap`.
        unsafe { api::UnmapViewOfFile(self.0.as_ptr().cast()) };
    }
}

/// # Safety
/// `LINKED_BYTES` bytes from `start` must be readable and must not change.
unsafe fn bytes<'a>(start: NonNull<u8>) -> &'a [u8] {
    // SAFETY: so many bytes are readable from there, and do not change: the conditions of `bytes`.
    unsafe { core::slice::from_raw_parts(start.as_ptr(), LINKED_BYTES) }
}

/// The system's version.
pub(crate) fn system() -> String {
    match api::version() {
        Some((major, minor, build)) => format!("Windows {major}.{minor}.{build}"),
        None => "Windows".into(),
    }
}

/// What in the system matters to mapped tables: the policies of the process (`SetProcessMitigationPolicy`).
pub(crate) fn features() -> Vec<Feature> {
    let feature = |name, policy| Feature {
        name,
        state: match api::policy(policy) {
            Ok(flags) if flags & 1 != 0 => "on".into(),
            Ok(_) => "off".into(),
            Err(error) => error.to_string(),
        },
    };
    vec![
        feature("arbitrary code guard", api::PROCESS_DYNAMIC_CODE_POLICY),
        feature("control flow guard", api::PROCESS_CONTROL_FLOW_GUARD_POLICY),
        feature("signed images only", api::PROCESS_SIGNATURE_POLICY),
    ]
}

/// Used by tests of slots.
#[cfg(test)]
pub(crate) fn is_writable(address: usize) -> bool {
    let pages = api::query(core::ptr::with_exposed_provenance(address)).expect("mapped");
    [api::PAGE_READWRITE, api::PAGE_WRITECOPY].contains(&pages.Protect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alone::alone;

    /// Whether this process runs only this test. If not, this starts a process that does. There no other test has
    /// regions or maps a view where another view was a moment ago.
    fn is_alone(test: &str) -> bool {
        const CHILD: &str = "TRAMP_TEST_ALONE";
        if std::env::var_os(CHILD).is_some() {
            return true;
        }
        let status = alone(module_path!(), test).env(CHILD, "1").status().expect("a child process");
        assert!(status.success());
        false
    }

    #[test]
    fn the_image_has_the_tables_as_code_and_slots_of_its_own() {
        if !is_alone("the_image_has_the_tables_as_code_and_slots_of_its_own") {
            return;
        }
        let image = Image::open().expect("the module's file");
        let views = [(); 3].map(|()| image.map().expect("a view"));
        for (number, view) in views.iter().enumerate() {
            assert!(view.holds_the_tables(), "and zeroed slots, whatever was written to those of another view");
            assert_eq!(View::of(view.tables(1).as_ptr()).expect("a view").0, view.0);
            let slots = view.tables(0).as_ptr().wrapping_add(arch::distance());
            // SAFETY: a slot of a view that no other code knows.
            unsafe { slots.write(u8::try_from(number).expect("few") + 1) };
        }
        for view in views {
            // SAFETY: mapped above, and nothing refers to it any more.
            unsafe { view.unmap() };
            assert!(View::of(view.0.as_ptr()).is_err());
        }
    }

    #[test]
    fn slots_change_their_protection_and_code_does_not() {
        let region = master().expect("the image").image.map().expect("a view").tables(0);
        protect(region, true).expect("read-only slots");
        let pages = |address: *const u8| api::query(address).expect("mapped").Protect;
        let slots = region.as_ptr().wrapping_add(arch::distance());
        assert_eq!((pages(region.as_ptr()), pages(slots)), (api::PAGE_EXECUTE_READ, api::PAGE_READONLY));
        protect(region, false).expect("writable slots");
        assert_eq!(pages(region.as_ptr()), api::PAGE_EXECUTE_READ);
        assert!([api::PAGE_READWRITE, api::PAGE_WRITECOPY].contains(&pages(slots)));
        // SAFETY: the slot is fresh, and nothing refers to it.
        unsafe { discard(region) };
    }

    #[test]
    fn the_linked_tables_come_first_and_are_given_back() {
        if !is_alone("the_linked_tables_come_first_and_are_given_back") {
            return;
        }
        let part = Table::COUNT - 1;
        let region = |part| region(part).expect("a region").0;
        let (first, second) = (region(part), region(part));
        assert_eq!(first, linked().tables(part));
        assert_ne!(second, first);
        // SAFETY: no slot of it was used.
        unsafe { discard(first) };
        assert_eq!(region(part), first);
        for region in [first, second] {
            // SAFETY: no slot of it was used.
            unsafe { discard(region) }
        }
    }

    #[test]
    fn another_image_is_not_taken_for_this_one() {
        let system = std::env::var("SystemRoot").expect("a folder");
        let file = File::options()
            .access_mode(api::GENERIC_READ | api::GENERIC_EXECUTE)
            .open(format!(r"{system}\system32\kernel32.dll"))
            .expect("a library");
        let view = Image::of(&file).expect("an image").map().expect("a view");
        assert!(!view.holds_the_tables());
        // SAFETY: the view was mapped just now, and no other code knows it.
        unsafe { view.unmap() };
        let text = File::open(std::env::current_exe().expect("a path").with_extension("d"));
        assert!(text.is_err() || Image::of(&text.expect("a file")).is_err(), "no image at all");
    }
}
