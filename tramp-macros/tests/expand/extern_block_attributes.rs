//! Form A: where the attributes go.

#[trampoline]
#[link(name = "archive", kind = "raw-dylib")]
#[allow(non_snake_case)]
unsafe extern "system" {
    pub static VERSION: c_int;

    #[link_name = "archive_each_v2"]
    #[cfg_attr(target_os = "macos", link_name = "archive_each$INODE64", doc = "On macOS.")]
    #[must_use]
    pub(crate) fn EachEntry(archive: *mut Archive, #[cfg(feature = "filter")] filter: impl Fn(&Entry) -> bool, visit: impl FnMut(&Entry)) -> c_int;
}
