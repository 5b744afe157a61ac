//! Form B: a callback type.

/// Chooses entries.
#[trampoline]
pub type Filter = unsafe extern "C" fn(entry: &dirent) -> c_int;
