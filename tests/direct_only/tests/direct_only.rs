//! Without the feature `mapped` the direct slots serve, and past them every constructor says why there is no more.

use tramp_rt::{Error, Trampoline, Unsupported, trampoline};

type Get = unsafe extern "C" fn() -> usize;

/// As many direct thunks as there can be.
#[trampoline(direct = 8)]
type GetOfEight = unsafe extern "C" fn() -> usize;

#[test]
fn direct_slots_serve_and_then_an_error_says_so() {
    let live: Vec<_> = (0..8).map(|n| Trampoline::<GetOfEight>::new(move || n).expect("a direct slot")).collect();
    for (n, get) in live.iter().enumerate() {
        // SAFETY: the trampoline is alive.
        assert_eq!(unsafe { (get.as_fn())() }, n);
    }

    let text = String::from("comes back");
    let failed = Trampoline::<Get>::new(move || text.len()).expect_err("no slot is left");
    assert!(matches!(failed.error, Error::Unsupported(Unsupported::Feature)));
    assert!(failed.to_string().contains("feature `mapped`"), "{failed}");

    drop(live);
    let get = Trampoline::<Get>::new(failed.closure).expect("a direct slot, now");
    // SAFETY: the trampoline is alive.
    assert_eq!(unsafe { (get.as_fn())() }, 10);
}
