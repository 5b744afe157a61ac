//! What becomes of a panic, in each form.

#[trampoline]
unsafe extern "C" {
    fn each(#[on_panic(return = -1)] visit: impl FnMut(c_int) -> c_int);

    fn both(
        #[on_panic(return)] first: impl Fn() + Send + Sync,
        #[on_panic(return = 0)] second: impl FnOnce() -> c_int,
        #[on_panic(return = 0, hook = report)] #[scope(forever)] kept: impl FnMut() -> c_int + Send + 'static,
    );
}

#[trampoline]
#[on_panic(abort)]
type Visit = extern "C-unwind" fn(c_int);

#[trampoline]
#[on_panic(unwind)]
type Raise = unsafe extern "C-unwind" fn();

#[trampoline]
#[on_panic(return = Status::FAILED, hook = report)]
extern "C" fn on_event(count: &mut u32) -> Status {
    *count += 1;
    Status::OK
}
