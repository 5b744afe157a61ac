//! What expansions are made of is unsafe, or has the bounds of what it makes, also for who names it by hand.

#![forbid(unsafe_code)]

use std::cell::Cell;
use std::rc::Rc;

use tramp_rt::__private::{AnyThread, Callee, Exclusive, Lent, Once, PendingPanic, Shared, ThisThread, Uncaught};
use tramp_rt::__private::{bind, bind_ops, destroyer, enter_direct, lend, notified, prepare};
use tramp_rt::{UserData, trampoline};

type Call = unsafe extern "C" fn();

#[trampoline]
type DataCall = unsafe extern "C" fn(data: UserData);

struct Destroy;
destroyer! {
    type: Destroy;
    pointer: unsafe extern "C" fn(UserData);
    data: data;
    fn: extern "C" fn(data: UserData,);
}

/// Closures that may not go to another thread, for any.
mod not_send {
    use super::*;

    fn bound(cell: &'static Cell<i8>) {
        let _ = bind::<Call, _, Shared, AnyThread, _>(cell, |cell| move || cell.set(1));
    }
    fn kept(rc: Rc<u8>) {
        let _ = prepare::<Call, _, Once, AnyThread>(move || drop(rc));
    }
    fn destroyed(rc: Rc<u16>) {
        let _ = notified::<DataCall, _, Exclusive, AnyThread, Destroy>(move || _ = rc.clone());
    }
    fn lent(rc: Rc<u32>) {
        let pending = PendingPanic::default();
        let _ = lend::<Call, _, Exclusive, AnyThread, _>(&pending, move || _ = rc.clone(), |_| ());
    }
    fn entry(rc: Rc<u64>) {
        let _ = bind_ops::<_, _, ThisThread, 1, 0>((), (), |binder, ()| {
            binder.entry::<Call, _>(move || _ = rc.clone()).map(drop)
        });
    }
    fn state(rc: Rc<i64>) {
        let _ = bind_ops::<_, _, AnyThread, 0, 0>(rc, (), |_, ()| Ok(()));
    }
}

/// What frees itself, with an owner that would free it as well.
fn once() {
    let _ = bind::<Call, _, Once, ThisThread, _>((), |()| || ());
}

/// A closure for a scope without one, and a call that nobody made.
fn unsafe_to_call(count: Rc<i32>, lease: Lent<Uncaught>) {
    let _ = Callee::<_, Shared, ThisThread, _>::with_lease(move || _ = count.clone(), lease);
    let _ = enter_direct::<(Call, Callee<fn(), Shared, AnyThread>), 0>(None);
}

fn main() {}
