//! What expansions are made of is unsafe, or has the bounds of what it makes, also for who names it by hand.

#![forbid(unsafe_code)]

use std::cell::Cell;
use std::rc::Rc;

use tramp_rt::__private::{AnyThread, Exclusive, InScope, Keeper, Nowhere, Notified, Once, Pending, Shared, ThisThread};
use tramp_rt::__private::{bind, bind_ops, destroyer, enter_direct, keep, lend, notified};
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
        let _ = bind::<Call, Shared<_, AnyThread>, _>(cell, |cell| move || cell.set(1));
    }
    fn kept(rc: Rc<u8>) {
        let _ = keep::<Call, Once<_, AnyThread>>(move || drop(rc));
    }
    fn destroyed(rc: Rc<u16>) {
        let _ = notified::<DataCall, Exclusive<_, Notified<AnyThread>>, Destroy, _>(move || _ = rc.clone());
    }
    fn lent(rc: Rc<u32>) {
        let pending = Pending::default();
        let _ = lend::<Call, Exclusive<_, InScope<AnyThread, _>>, _, _>(&pending, move || _ = rc.clone(), |_| ());
    }
    fn entry(rc: Rc<u64>) {
        let _ = bind_ops::<_, _, ThisThread, 1, false>((), (), |binder, ()| {
            binder.entry::<Call, _>(move || _ = rc.clone()).map(drop)
        });
    }
    fn state(rc: Rc<i64>) {
        let _ = bind_ops::<_, _, AnyThread, 0, false>(rc, (), |_, ()| Ok(()));
    }
}

/// Closures for a scope, without one.
fn scope() {
    let _ = keep::<Call, Shared<_, InScope<ThisThread, Nowhere>>>(|| ());
}

/// What frees itself, with an owner that would free it as well.
fn once() {
    let _ = bind::<Call, Once<_, ThisThread>, _>((), |()| || ());
}

/// A keeper of another thread's, and a call that nobody made.
fn unsafe_to_call(count: Rc<i32>) {
    let _ = <Shared<_, ThisThread> as Keeper>::with_stamp(move || _ = count.clone(), 7);
    let _ = enter_direct::<(Call, Shared<fn(), AnyThread>), 0>();
}

fn main() {}
