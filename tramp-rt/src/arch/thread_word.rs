//! A word of each thread, which leads to the thread's caches. The module also says whether there is only one thread.
//!
//! In a shared library, rustc finds a thread-local variable by a call of `__tls_get_addr`. Stable Rust has no other
//! way, but assembly has one. It is used on x86-64 with glibc, for the C library. Elsewhere the word is an ordinary
//! thread-local.
//!
//! The assembly asks for a *TLS descriptor*: two words, a function and its argument, which the dynamic linker fills. If
//! the static TLS block has room for the word, the argument is the word's offset from the thread pointer, which is
//! negative there. Then two loads find the word. The block has no room if the library is opened late and others have
//! filled the block. Then the argument is an address, which is positive. It is also positive as long as the dynamic
//! linker has not resolved the descriptor. In these cases the function is called, which finds the word or makes it. So the
//! library can always be opened. With the initial-exec model it could not be opened when the block has no room.
//!
//! The linker of a program knows the offset. It replaces the descriptor's address by the offset, and the call by a no-op.

#[cfg(all(
    feature = "capi",
    not(loom),
    target_arch = "x86_64",
    target_pointer_width = "64",
    target_os = "linux",
    target_env = "gnu"
))]
mod imp {
    use core::arch::{asm, global_asm};
    use core::ptr::with_exposed_provenance;
    use core::sync::atomic::{AtomicU8, Ordering};

    global_asm!(
        concat!(".pushsection .tbss.", symbol!("_thread_word"), ", \"awT\", @nobits"),
        concat!(".globl ", symbol!("_thread_word")),
        concat!(".hidden ", symbol!("_thread_word")),
        concat!(".type ", symbol!("_thread_word"), ", @object"),
        concat!(".size ", symbol!("_thread_word"), ", 8"),
        ".balign 8",
        concat!(symbol!("_thread_word"), ": .zero 8"),
        ".popsection",
    );

    /// Offsets from the thread pointer are negative, and addresses are not.
    #[inline(always)] // on the path of every creation and release
    fn is_offset(word: usize) -> bool {
        word > usize::MAX / 2
    }

    /// The word's offset from the thread pointer.
    #[inline(always)] // on the path of every creation and release
    fn offset() -> usize {
        let linked: usize;
        // SAFETY: only computes an address or a constant.
        unsafe {
            asm!(
                concat!("lea rax, [rip + ", symbol!("_thread_word"), "@tlsdesc]"),
                out("rax") linked,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        if is_offset(linked) {
            return linked;
        }
        let descriptor = with_exposed_provenance::<usize>(linked);
        // SAFETY: it is the address of a descriptor of two words. The dynamic linker may write the second one at this
        // time, in another thread. Then the load has the old or the new value.
        let argument = unsafe { descriptor.add(1).read_volatile() };
        if is_offset(argument) { argument } else { by_call() }
    }

    #[cold]
    #[inline(never)]
    fn by_call() -> usize {
        let offset: usize;
        // SAFETY: the descriptor's function is called as the ABI says, with the descriptor in `rax`. It may allocate
        // memory, so all that a C function may change counts as changed.
        unsafe {
            asm!(
                concat!("lea rax, [rip + ", symbol!("_thread_word"), "@tlsdesc]"),
                concat!("call [rax + ", symbol!("_thread_word"), "@tlscall]"),
                out("rax") offset,
                clobber_abi("C"),
            );
        }
        offset
    }

    /// This thread's word: null, or what this thread has put there.
    #[inline(always)] // on the path of every creation and release
    pub(crate) fn thread_word() -> *mut () {
        let word: *mut ();
        // SAFETY: reads this thread's word.
        unsafe {
            asm!(
                "mov {word}, fs:[{offset}]",
                offset = in(reg) offset(),
                word = lateout(reg) word,
                options(readonly, nostack, preserves_flags),
            );
        }
        word
    }

    pub(crate) fn set_thread_word(word: *mut ()) {
        // SAFETY: writes this thread's word, which nothing else writes.
        unsafe {
            asm!(
                "mov fs:[{offset}], {word}",
                offset = in(reg) offset(),
                word = in(reg) word,
                options(nostack, preserves_flags),
            );
        }
    }

    /// Whether this is the only thread. glibc says so from version 2.32 on. If the answer is no, other threads may exist.
    #[inline(always)] // on the path of every release
    pub(crate) fn is_single_threaded() -> bool {
        let said: *const AtomicU8;
        // SAFETY: loads an address from the global offset table. It is null if no library has such a variable.
        unsafe {
            asm!(
                ".weak __libc_single_threaded",
                "mov {said}, [rip + __libc_single_threaded@GOTPCREL]",
                said = lateout(reg) said,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        // SAFETY: it is null, or the address of a `char` of glibc's.
        unsafe { said.as_ref() }.is_some_and(|said| said.load(Ordering::Relaxed) != 0)
    }
}

#[cfg(not(all(
    feature = "capi",
    not(loom),
    target_arch = "x86_64",
    target_pointer_width = "64",
    target_os = "linux",
    target_env = "gnu"
)))]
mod imp {
    use core::cell::Cell;
    use core::ptr::null_mut;

    std::thread_local! {
        static WORD: Cell<*mut ()> = const { Cell::new(null_mut()) };
    }

    /// This thread's word: null, or what this thread has put there.
    #[inline(always)] // on the path of every creation and release
    pub(crate) fn thread_word() -> *mut () {
        WORD.try_with(Cell::get).unwrap_or(null_mut())
    }

    pub(crate) fn set_thread_word(word: *mut ()) {
        let _ = WORD.try_with(|at| at.set(word));
    }

    /// Whether this is known to be the only thread.
    #[cfg(feature = "capi")]
    #[inline(always)] // on the path of every release
    pub(crate) fn is_single_threaded() -> bool {
        false
    }
}

#[cfg(feature = "capi")]
pub(crate) use self::imp::is_single_threaded;
pub(crate) use self::imp::{set_thread_word, thread_word};
