//! Threads that execute operations, and what each of them owns meanwhile.
//!
//! An operation can say that the next ones of its thread's sequence run inside it. Nothing is borrowed while something is called
//! or dropped. So operations run in calls, scopes and destructors as they run elsewhere.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tramp_rt::Error;

use crate::live::{Live, Parts, Rules};
use crate::model::{self, MODEL};
use crate::operation::Operation;
use crate::process;
use crate::random::mixed;
use crate::signature::{self, FALLBACK, How, Made, Panics, Refused, Sign, with_sign};
use crate::state::{AtDrop, Bomb, Facts, Id, Whole, with_state};
use crate::threads;
use crate::{Fault, fail};

/// How many closures a thread owns at most.
const MOST_OWNED: usize = 120;
/// How deep operations are nested.
const DEEPEST: u32 = 7;

/// What a closure does when it is called next.
#[derive(Debug, Clone, Copy, Default)]
struct Plan {
    inside: u8,
    panics: bool,
    /// Says that it has begun, and stays for a while.
    spins: Option<u8>,
    /// Calls itself, which is a misuse.
    again: Option<(signature::Callable, u64)>,
}

/// The payload of a closure's panic.
struct Payload(u64);

/// Lends a closure to what it is given.
type Scope<'a> = dyn Fn(&mut dyn FnMut(signature::Callable)) -> Result<(), Error> + 'a;

/// How many calls of a race have begun.
static BEGUN: AtomicU32 = AtomicU32::new(0);

#[derive(Default)]
pub(crate) struct Actor {
    /// The operations that are left. The next one is last.
    operations: RefCell<Vec<Operation>>,
    live: RefCell<Vec<Rc<Live>>>,
    depth: Cell<u32>,
    /// How many things are between two states that the model knows.
    uncertain: Cell<u32>,
    plan: Cell<Plan>,
    /// The payload of the last panic that a hook got.
    hooked: Cell<Option<u64>>,
    done: Cell<u64>,
}

thread_local!(static ACTOR: Actor = Actor::default());

impl Drop for Actor {
    /// A thread ends. What it still owns is dropped while thread-locals are destroyed.
    fn drop(&mut self) {
        self.drop_all();
        self.flush();
    }
}

/// Runs these operations on this thread.
pub(crate) fn execute(mut operations: Vec<Operation>) {
    ACTOR.with(|actor| {
        operations.reverse();
        actor.operations.replace(operations);
        actor.run(usize::MAX);
        actor.operations.take();
        actor.flush();
    });
}

/// Drops all that this thread owns.
pub(crate) fn drop_all() {
    ACTOR.with(|actor| {
        actor.drop_all();
        actor.flush();
    });
}

/// Gives what any thread may have.
pub(crate) fn give_all() {
    ACTOR.with(|actor| {
        for live in actor.live.take() {
            if let Err(live) = model::give(live) {
                actor.live.borrow_mut().push(live);
            }
        }
    });
}

/// Takes all that was given.
pub(crate) fn take_all() {
    ACTOR.with(|actor| {
        while let Some(live) = model::take(0) {
            actor.live.borrow_mut().push(Rc::new(live));
        }
    });
}

/// What every closure does when it is called.
#[inline(never)] // and it is not compiled for each of the many states
pub(crate) fn body(state: &dyn Whole, n: u64) -> u64 {
    let value = state.value();
    let plan = ACTOR.try_with(|actor| actor.plan.take()).unwrap_or_default();
    if let Some(spins) = plan.spins {
        BEGUN.fetch_add(1, Ordering::Release);
        (0..spins).for_each(|_| std::hint::spin_loop());
    }
    if let Some((callable, n)) = plan.again {
        // SAFETY: it is forbidden, and dies by name.
        unsafe { callable.call(n) };
    }
    if plan.inside > 0 {
        ACTOR.with(|actor| actor.run(plan.inside.into()));
    }
    if state.value() != value {
        fail!("a closure's captures have changed while it ran");
    }
    if plan.panics {
        resume_unwind(Box::new(Payload(result(value, n))));
    }
    result(value, n)
}

/// What a closure with `value` returns when it is called with `n`.
fn result(value: u64, n: u64) -> u64 {
    mixed(value ^ n.rotate_left(17))
}

/// The hook of `Hooked`.
#[allow(clippy::needless_pass_by_value, reason = "as a hook takes it")]
pub(crate) fn hook(payload: Box<dyn Any + Send>) {
    let Some(Payload(value)) = payload.downcast_ref() else { fail!("a hook got another panic") };
    ACTOR.with(|actor| actor.hooked.set(Some(*value)));
}

/// Runs operations in a destructor. In a `late` one, the model does not know whether the slot is free.
pub(crate) fn run_in_destructor(inside: u8, late: bool) {
    // A thread that ends has no actor.
    let _ = ACTOR.try_with(|actor| {
        actor.uncertain.set(actor.uncertain.get() + u32::from(late));
        actor.run(inside.into());
        actor.uncertain.set(actor.uncertain.get() - u32::from(late));
    });
}

impl Actor {
    fn run(&self, count: usize) {
        if self.depth.get() == DEEPEST {
            return;
        }
        self.depth.set(self.depth.get() + 1);
        for _ in 0..count {
            let Some(operation) = self.operations.borrow_mut().pop() else { break };
            self.step(operation);
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// Counts what was done.
    fn did(&self, operations: u64) {
        self.done.set(self.done.get() + operations);
    }

    pub(crate) fn flush(&self) {
        crate::progress().operations.fetch_add(self.done.take(), Ordering::Relaxed);
    }

    /// Whether this is the thread that has the others.
    fn is_main(&self) -> bool {
        self.depth.get() == 1 && threads::is_main() && !MODEL.is_child() && !MODEL.is_storm()
    }

    fn step(&self, operation: Operation) {
        match operation {
            Operation::Keep { sign, state, how } => with_sign!(sign, S => with_state!(state, T => {
                let has_slot = S::HAS_SLOT || !(how == How::Protected || how.is_counted());
                if self.has_room() && has_slot && (how != How::Protected || crate::has_protected()) {
                    let id = model::id();
                    self.keep(id, Facts::of::<T>(id), Rules::of(how, S::PANICS, S::SLOTS), S::keep::<T>(how, id));
                }
            })),
            Operation::Table { state, local } => with_state!(state, T => {
                if self.has_room() {
                    let id = model::id();
                    self.keep(id, Facts::of::<T>(id), Rules::of_table(local), signature::table::<T>(local, id));
                }
            }),
            Operation::Notified { state } => with_state!(state, T => {
                if self.has_room() {
                    let id = model::id();
                    let rules = Rules { by_c: true, ..Rules::of(How::LocalMut, Panics::Unwind, 0) };
                    self.keep(id, Facts::of::<T>(id), rules, Ok(signature::notified::<T>(id)));
                }
            }),
            Operation::Lend { sign, state, how, inside, panics } => {
                with_sign!(sign, S => with_state!(few state, T => {
                    let (id, panics) = (model::id(), panics && !thread::panicking());
                    let (facts, rules) = (Facts::of::<T>(id), Rules::of(how, S::PANICS, S::SLOTS));
                    self.lend(id, facts, rules, inside, panics, &|within| S::lend::<T>(how, id, within));
                }));
            }
            Operation::Call { which, n, inside, panics } => {
                if let Some(live) = self.choose(which) {
                    self.call(&live, n, Plan { inside, panics, ..Plan::default() });
                }
            }
            Operation::Drop { which, inside, panics } => {
                if let Some(live) = self.choose(which) {
                    self.drop(&live, AtDrop { inside, panics, late: false });
                }
            }
            Operation::Leak { which } => {
                let may_leak = |live: &Rc<Live>| live.running.get() == 0 && live.owner.borrow().is_some();
                if let Some(live) = self.choose(which).filter(may_leak).filter(|_| model::may_leak()) {
                    live.owner.take().into_iter().for_each(signature::Owner::leak);
                    self.did(1);
                }
            }
            Operation::Burst { sign, count } => with_sign!(sign, S => self.burst::<S>(count)),
            Operation::Reserve { sign, count } => with_sign!(sign, S => self.reserve::<S>(count)),
            Operation::Give { which } => self.give(which),
            Operation::Take { which } => self.take(which),
            Operation::On { thread, count } if self.is_main() => threads::on(thread, self.split(count)),
            Operation::Storm { count } if self.is_main() => {
                MODEL.begin_storm();
                let handed = [0, 1, 2].map(|thread| threads::start(thread, self.split(count)));
                self.run(count.into());
                handed.into_iter().for_each(threads::wait);
                MODEL.end_storm();
            }
            Operation::End { thread, in_destructor } if self.is_main() => threads::end(thread, in_destructor),
            Operation::Race { sign, how, spins } if self.is_main() => {
                with_sign!(sign, S => self.race::<S>(how, spins));
            }
            Operation::On { .. } | Operation::Storm { .. } | Operation::End { .. } | Operation::Race { .. } => {}
            Operation::Fork { inside } => self.fork(inside),
            Operation::Misuse { which } => {
                if let Some(live) = self.choose(which) {
                    self.misuse(&live, which);
                }
            }
            Operation::Count => {
                if self.uncertain.get() == 0 && !MODEL.is_storm() {
                    model::count();
                    self.did(1);
                }
            }
        }
    }

    fn give(&self, which: u32) {
        let Some(live) = self.choose(which).filter(|live| live.running.get() == 0) else { return };
        // In a child, nobody knows which thread had the lock.
        if MODEL.is_child() {
            return;
        }
        self.remove(&live);
        match model::give(live) {
            Ok(()) => self.did(1),
            Err(live) => self.live.borrow_mut().push(live),
        }
    }

    fn take(&self, which: u32) {
        if !self.has_room() || MODEL.is_child() {
            return;
        }
        if let Some(live) = model::take(which) {
            self.live.borrow_mut().push(Rc::new(live));
            self.did(1);
        }
    }

    fn split(&self, count: u8) -> Vec<Operation> {
        let mut operations = self.operations.borrow_mut();
        let at = operations.len().saturating_sub(count.into());
        let mut taken = operations.split_off(at);
        taken.reverse();
        taken
    }

    fn has_room(&self) -> bool {
        self.live.borrow().len() < MOST_OWNED
    }

    fn choose(&self, which: u32) -> Option<Rc<Live>> {
        let live = self.live.borrow();
        (!live.is_empty()).then(|| live[which as usize % live.len()].clone())
    }

    fn remove(&self, live: &Rc<Live>) {
        let mut all = self.live.borrow_mut();
        let at = all.iter().position(|one| Rc::ptr_eq(one, live));
        all.swap_remove(at.unwrap_or_else(|| fail!("the fuzzer has lost a closure")));
    }

    fn keep(&self, id: Id, facts: Facts, rules: Rules, made: Result<Made, Refused>) {
        self.did(1);
        match made {
            Ok(Made { owner, callable, change, slots }) => {
                let direct = owner.as_ref().and_then(signature::Owner::is_direct);
                let parts = Parts { id, facts, rules, callable, change, direct };
                if slots != rules.slots {
                    fail!("{slots} slots in the place of {}", rules.slots);
                }
                check_tokens(id, facts.tokens, "after it was made");
                if crate::planted(Fault::Token) {
                    id.miscount(1);
                }
                if crate::planted(Fault::Slot) {
                    let _ = tramp_rt::Trampoline::<extern "C" fn()>::new(|| ()).map(tramp_rt::Trampoline::leak);
                }
                MODEL.made(&parts);
                self.live.borrow_mut().push(Rc::new(Live::new(parts, owner)));
            }
            Err(refused) => self.refused(id, facts, refused),
        }
    }

    /// A trampoline was refused. Its closure comes back, and is whole.
    fn refused(&self, id: Id, facts: Facts, refused: Refused) {
        expect_refusal(&refused.error);
        if refused.closure.is_some() {
            check_tokens(id, facts.tokens, "when it came back");
        }
        drop(refused.closure);
        check_tokens(id, 0, "after it came back and was dropped");
        model::forget(id);
        self.did(1);
    }

    /// Calls it, if it may be called now.
    fn call(&self, live: &Rc<Live>, n: u64, plan: Plan) {
        let (parts, rules) = (&live.parts, &live.parts.rules);
        let change = parts.change.filter(|_| n % 2 == 1);
        let exclusive = rules.exclusive || change.is_some();
        if !live.may_be_called(exclusive) {
            return;
        }
        self.did(1);
        let panics = plan.panics && rules.panics != Panics::Abort && !thread::panicking();
        let passed_over = live.pending.get().is_some();
        let expected = result(parts.facts.value, n);
        let calls = live.calls.get() + u32::from(exclusive && !passed_over);
        live.calls.set(calls);
        live.spent.set(rules.once);
        if rules.once && !rules.lent {
            self.remove(live);
            MODEL.released(parts);
        }
        live.running.set(live.running.get() + 1);
        live.changing.set(change.is_some());
        if !passed_over {
            self.plan.set(Plan { panics, ..plan });
        }
        // SAFETY: it may be called now.
        let got = catch_unwind(AssertUnwindSafe(|| unsafe { change.unwrap_or(parts.callable).call(n) }));
        live.running.set(live.running.get() - 1);
        live.changing.set(false);
        let ends = live.ended.get() && live.running.get() == 0;
        let plain = if exclusive { expected.wrapping_add(calls.into()) } else { expected };
        match (got, panics && !passed_over) {
            (Ok(FALLBACK), false) if passed_over => {}
            (Ok(FALLBACK), true) if rules.panics == Panics::Caught => {
                if rules.lent {
                    // The first one wins, if one of its calls runs inside another.
                    live.pending.set(live.pending.get().or(Some(expected)));
                } else if self.hooked.take() != Some(expected) && !ends {
                    fail!("closure {} has panicked, and its hook got something else", parts.id.index);
                }
            }
            (Err(payload), true) if rules.panics == Panics::Unwind => check_payload(&*payload, expected),
            (Err(payload), false) if ends && live.bomb.get() && payload.is::<Bomb>() => {}
            (Ok(got), false) if got == plain && !passed_over && !(ends && live.bomb.get()) => {}
            (Ok(got), _) => fail!("closure {} returned {got:x}, in the place of {plain:x}", parts.id.index),
            (Err(_), _) => fail!("closure {} has panicked without being told to", parts.id.index),
        }
        if rules.once {
            check_tokens(parts.id, 0, "after its only call");
            MODEL.ended(parts);
            if !rules.lent {
                self.forget(parts);
            }
        } else if ends {
            if !live.looks_free.get() {
                MODEL.released(parts);
                if parts.change.is_some() {
                    MODEL.unsure(parts, -1);
                }
            }
            check_tokens(parts.id, 0, "after the call that has dropped its owner");
            self.ended(parts);
        } else {
            check_tokens(parts.id, parts.facts.tokens, "after a call");
        }
        if crate::planted(Fault::Memory) {
            std::mem::forget(std::hint::black_box(Box::new(n)));
        }
    }

    /// All of a closure is gone, and nothing of it will be used.
    fn ended(&self, parts: &Parts) {
        MODEL.ended(parts);
        self.forget(parts);
    }

    fn forget(&self, parts: &Parts) {
        parts.id.at_drop(AtDrop::default());
        model::forget(parts.id);
        self.did(1);
    }

    /// Drops its owner, if that is allowed now.
    fn drop(&self, live: &Rc<Live>, at_drop: AtDrop) {
        let (parts, rules) = (&live.parts, &live.parts.rules);
        let runs = live.running.get() > 0;
        if live.owner.borrow().is_none() || (runs && !rules.ends_inside) {
            return;
        }
        self.did(1);
        self.remove(live);
        let has_tokens = parts.facts.tokens > 0;
        // A panic must not leave a function under a convention that does not unwind.
        let panics = at_drop.panics
            && has_tokens
            && !thread::panicking()
            && (!runs || rules.panics == Panics::Unwind)
            && !rules.by_c;
        live.bomb.set(panics);
        if has_tokens {
            parts.id.at_drop(AtDrop { panics, late: runs, ..at_drop });
        }
        // The handler of a mapped slot is already that of a free slot. This is how a late call dies.
        live.looks_free.set(!runs || rules.counted || (rules.exclusive && parts.direct == Some(false)));
        if live.looks_free.get() {
            MODEL.released(parts);
        } else if parts.change.is_some() {
            MODEL.unsure(parts, 1);
        }
        live.ended.set(true);
        let owner = live.owner.take();
        let got = catch_unwind(AssertUnwindSafe(|| drop(owner)));
        if crate::planted(Fault::Drop) && has_tokens {
            parts.id.miscount(-1);
        }
        match got {
            Err(payload) if panics && !runs && payload.is::<Bomb>() => {}
            Ok(()) if !panics || runs => {}
            Ok(()) => fail!("a panic of the destructor of closure {} was lost", parts.id.index),
            Err(_) => fail!("dropping closure {} has panicked", parts.id.index),
        }
        if runs {
            check_tokens(parts.id, parts.facts.tokens, "after it has dropped its owner, while it runs");
        } else {
            check_tokens(parts.id, 0, "after it was dropped");
            self.ended(parts);
        }
    }

    /// Lends a closure by `scope`, and runs operations meanwhile.
    fn lend(&self, id: Id, facts: Facts, rules: Rules, inside: u8, panics: bool, scope: &Scope<'_>) {
        self.did(2);
        let lent = RefCell::new(None);
        let scope = || {
            scope(&mut |callable| {
                let parts = Parts { id, facts, rules, callable, change: None, direct: None };
                MODEL.made(&parts);
                let live = Rc::new(Live::new(parts, None));
                self.live.borrow_mut().push(live.clone());
                lent.replace(Some(live.clone()));
                self.run(inside.into());
                self.remove(&live);
                check_tokens(id, if live.spent.get() { 0 } else { facts.tokens }, "at the end of its scope");
                if facts.tokens > 0 && !live.spent.get() {
                    id.at_drop(AtDrop { inside: inside / 2, panics: false, late: true });
                }
                if panics {
                    resume_unwind(Box::new(Payload(inside.into())));
                }
            })
        };
        let got = catch_unwind(AssertUnwindSafe(scope));
        let Some(live) = lent.take() else {
            let Ok(Err(error)) = got else { fail!("a scope has not begun") };
            return self.refused(id, facts, Refused { closure: None, error });
        };
        MODEL.released(&live.parts);
        match (got, live.pending.get()) {
            (Err(payload), _) if panics => check_payload(&*payload, inside.into()),
            (Err(payload), Some(expected)) => check_payload(&*payload, expected),
            (Ok(Ok(())), None) if !panics => {}
            _ => fail!("a scope has lost a panic, or made one"),
        }
        check_tokens(id, 0, "after its scope");
        if live.spent.get() { self.forget(&live.parts) } else { self.ended(&live.parts) }
    }

    /// Creates many of one signature, calls all and drops them in another order.
    fn burst<S: Sign>(&self, count: u32) {
        let mut all = Vec::new();
        for number in 0..count {
            let id = model::id();
            let facts = Facts::of::<crate::state::Word>(id);
            match S::keep::<crate::state::Word>(How::New, id) {
                Ok(Made { owner, callable, .. }) => {
                    let direct = owner.as_ref().and_then(signature::Owner::is_direct);
                    let rules = Rules::of(How::New, S::PANICS, S::SLOTS);
                    let parts = Parts { id, facts, rules, callable, change: None, direct };
                    MODEL.made(&parts);
                    all.push((parts, owner));
                }
                Err(refused) => {
                    self.refused(id, facts, refused);
                    break;
                }
            }
            // As in a list that some leave early.
            if number % 3 == 2 {
                let middle = all.len() / 2;
                self.end_of_burst(all.swap_remove(middle));
            }
        }
        for (parts, _) in &all {
            // SAFETY: live.
            if unsafe { parts.callable.call(7) } != result(parts.facts.value, 7) {
                fail!("closure {} of many returned another's result", parts.id.index);
            }
        }
        self.did(2 * u64::from(count));
        for one in all {
            self.end_of_burst(one);
        }
    }

    fn end_of_burst(&self, (parts, owner): (Parts, Option<signature::Owner>)) {
        MODEL.released(&parts);
        drop(owner);
        self.ended(&parts);
    }

    /// Slots that are in stock need no new region.
    fn reserve<S: Sign>(&self, count: u32) {
        self.did(1);
        match S::reserve(count as usize) {
            Ok(()) => {
                if MODEL.is_storm() || !crate::has_mapped() || self.uncertain.get() > 0 {
                    return;
                }
                let before = tramp_rt::diagnostics().regions;
                self.burst::<S>(count);
                let after = tramp_rt::diagnostics().regions;
                if before != after {
                    fail!("a stock of {count} has not sufficed: {before} regions became {after}");
                }
            }
            Err(error) => expect_refusal(&error),
        }
    }

    /// A drop meets calls at every moment that is allowed.
    fn race<S: Sign>(&self, how: How, spins: [u8; 2]) {
        use crate::state::One;
        if (!S::HAS_SLOT && (how == How::Protected || how.is_counted()))
            || (how == How::Protected && !crate::has_protected())
        {
            return;
        }
        let id = model::id();
        let facts = Facts::of::<One>(id);
        let expected = result(facts.value, 11);
        BEGUN.store(0, Ordering::Relaxed);
        let call = |callable: signature::Callable, exclusive: bool| {
            ACTOR.with(|actor| actor.plan.set(Plan { spins: Some(spins[0]), ..Plan::default() }));
            // SAFETY: live, or running when it is dropped.
            if unsafe { callable.call(11) } != expected.wrapping_add(exclusive.into()) {
                fail!("a race made a closure return another result");
            }
        };
        let both = |callable| {
            let together = Barrier::new(2);
            thread::scope(|scope| {
                let other = scope.spawn(|| {
                    together.wait();
                    call(callable, false);
                });
                together.wait();
                call(callable, false);
                join(other);
            });
        };
        if how.is_lent() {
            match S::lend::<One>(how, id, &mut |callable| both(callable)) {
                Ok(()) => self.did(4),
                Err(error) => return self.refused(id, facts, Refused { closure: None, error }),
            }
        } else {
            let Made { owner, callable, .. } = match S::keep::<One>(how, id) {
                Ok(made) => made,
                Err(refused) => return self.refused(id, facts, refused),
            };
            if how.may_end_inside() {
                thread::scope(|scope| {
                    let other = scope.spawn(|| call(callable, how.is_exclusive()));
                    while BEGUN.load(Ordering::Acquire) == 0 {
                        thread::yield_now();
                    }
                    (0..spins[1]).for_each(|_| std::hint::spin_loop());
                    drop(owner);
                    join(other);
                });
            } else {
                both(callable);
                drop(owner);
            }
            self.did(4);
        }
        check_tokens(id, 0, "after a race");
        model::forget(id);
    }

    /// A child goes on and drops all. Then every slot is free, except those of other threads and of calls that run.
    fn fork(&self, inside: u8) {
        if MODEL.is_child() {
            return;
        }
        self.flush();
        process::child_succeeds(|| {
            MODEL.begin_child();
            self.run(inside.into());
            self.drop_all();
            if !MODEL.is_storm() && self.uncertain.get() == 0 {
                model::count();
            }
            self.flush();
        });
        self.did(1);
    }

    /// A child does what is forbidden. It has to end with the right message.
    fn misuse(&self, live: &Rc<Live>, which: u32) {
        let (parts, rules) = (&live.parts, &live.parts.rules);
        if MODEL.is_child() || live.running.get() > 0 || live.spent.get() || live.pending.get().is_some() {
            return;
        }
        let (call, has_slot) = (parts.callable, rules.slots > 0);
        // SAFETY: it is forbidden, and dies by name.
        let do_call = || _ = catch_unwind(AssertUnwindSafe(|| unsafe { call.call(2) }));
        let recursion = |outer: signature::Callable, inner| {
            self.plan.set(Plan { again: Some((inner, 2)), ..Plan::default() });
            // SAFETY: a closure may not be called while it runs, and the call dies by name.
            _ = catch_unwind(AssertUnwindSafe(|| unsafe { outer.call(2) }));
        };
        match which / 1_000 % 3 {
            0 if has_slot && live.owner.borrow().is_some() => {
                process::child_dies("called after its trampoline was dropped", || {
                    self.drop(live, AtDrop::default());
                    do_call();
                });
            }
            0 if has_slot && rules.once && !rules.lent => process::child_dies("was called again", || {
                do_call();
                do_call();
            }),
            1 if rules.exclusive => process::child_dies("while it was running", || recursion(call, call)),
            1 if parts.change.is_some() => {
                let change = parts.change.unwrap_or(call);
                process::child_dies("`&mut self` of the same state", || recursion(change, call));
            }
            2 if rules.local => process::child_dies("called from another thread", || {
                // SAFETY: a closure of another thread may not be called here, and the call dies by name.
                thread::scope(|scope| _ = scope.spawn(move || unsafe { call.call(2) }));
            }),
            _ => return,
        }
        self.did(1);
    }

    /// Drops all that this thread owns and that does not run. It calls the closures that are called once.
    fn drop_all(&self) {
        let mut kept = Vec::new();
        loop {
            let next = self.live.borrow_mut().pop();
            let Some(live) = next else { break };
            let (parts, rules) = (&live.parts, &live.parts.rules);
            let droppable = live.owner.borrow().is_some();
            if rules.lent || (droppable && live.running.get() > 0) || (!droppable && !rules.once) {
                kept.push(live); // lent, running or leaked
                continue;
            }
            MODEL.released(parts);
            if droppable {
                drop(live.owner.take());
            } else {
                // SAFETY: it was not called yet.
                if unsafe { parts.callable.call(5) } != result(parts.facts.value, 5) {
                    fail!("closure {} returned another result in its only call", parts.id.index);
                }
            }
            check_tokens(parts.id, 0, "at the end");
            self.ended(parts);
        }
        kept.retain(|live| live.parts.rules.lent || live.running.get() > 0);
        self.live.replace(kept);
    }
}

fn check_tokens(id: Id, expected: i32, when: &str) {
    let tokens = id.tokens();
    if tokens != expected {
        fail!("closure {} has {tokens} tokens {when}, in the place of {expected}", id.index);
    }
}

/// Waits for the whole end of a thread, which frees its heap memory last.
fn join(thread: thread::ScopedJoinHandle<'_, ()>) {
    thread.join().expect("no panic");
}

fn check_payload(payload: &(dyn Any + Send), expected: u64) {
    match payload.downcast_ref() {
        Some(Payload(value)) if *value == expected => {}
        Some(Payload(value)) => fail!("a panic has carried {value:x}, in the place of {expected:x}"),
        None => fail!("a panic was another's"),
    }
}

/// A trampoline can be refused if there are only direct ones.
fn expect_refusal(error: &Error) {
    if crate::has_mapped() || !matches!(error, Error::NoSource(attempts) if attempts.is_empty()) {
        fail!("no trampoline can be had: {error}");
    }
}
