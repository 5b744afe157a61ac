//! A processor or object format without thunks: trampolines are direct, or an error that says so.

pub(crate) const SUPPORTED: bool = false;

pub(crate) const REGISTERS: usize = 0;
pub(crate) const THUNK_BYTES: usize = 2 * size_of::<usize>();
pub(crate) const TABLE_BYTES: usize = 64 << 10;
pub(crate) const COPY_BYTES: usize = TABLE_BYTES;
pub(crate) const RUN_BYTES: usize = 4 << 10;
pub(crate) const PAGE_BYTES: usize = 64 << 10;
pub(crate) const DISTANCE: usize = TABLE_BYTES;

pub(crate) fn tables() -> *const u8 {
    unreachable!("no table is mapped on an unsupported processor")
}

pub(crate) fn stack_routine() -> *const () {
    unreachable!("no slot is claimed on an unsupported processor")
}

#[expect(clippy::missing_safety_doc, reason = "documented once, in the first processor's module")]
pub(crate) unsafe fn call_marked(_function: *const (), _registers: &[usize; REGISTERS], _stack: &[usize]) {
    unreachable!("no signature is probed on an unsupported processor")
}
