//! Form D: the callbacks of a C struct.

#[trampoline(ops = file_operations)]
impl Disk {
    /// Opens it.
    pub extern "C" fn open(&mut self, path: *const c_char) -> c_int {
        self.find(path)
    }

    #[cfg(unix)]
    #[on_panic(return = 0, hook = report)]
    pub unsafe extern "C" fn size(&self) -> u64 {
        self.bytes
    }

    fn find(&self, path: *const c_char) -> c_int {
        0
    }
}
