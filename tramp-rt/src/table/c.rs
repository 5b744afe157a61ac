//! The C library's trampolines: slots that are claimed for a C target and not for a closure.
//!
//! A *handle* is the address of a slot, so nothing has to be allocated beside the slot. C may hand back any address.
//! The library looks only at addresses that are [registered](super::registry) as slots, and uses only slots that are
//! live, as their handler says.
//!
//! The two words of a slot are the context and the target, which is the handler. In a slot of the stack's table the
//! target is the `stack_handler`. Each word is stored at once, and the pair is not: see [`Live::bind`].

use core::ptr::NonNull;

use super::caches::rest;
use super::mapped::{POOLS, c_poison, protocol_poison};
use super::registry::Candidate;
use super::{claim_of, entry, lead_by_routine, supported};
pub use crate::arch::Chain;
use crate::arch::geometry::{Table, copied_arguments};
use crate::arch::{self, ArgumentsBefore, ChainPlace, Place};
use crate::error::{Error, Unsupported};
use crate::map;
use crate::misuse::called_before_set;
use crate::pool::Supply;
use crate::slot::{CopiedArguments, Slot, StackSlot, State};
use crate::source::Failure;
use crate::sync::{AtomicUsize, Ordering};

#[cfg(test)]
#[path = "c_tests.rs"]
mod tests;

/// The way in which a target gets its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery(Way);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Protocol,
    /// In the static chain's register with this number.
    Chain(usize),
    Argument(Place),
}

impl Delivery {
    /// By the processor's protocol. The target is in assembly.
    pub const PROTOCOL: Self = Self(Way::Protocol);

    /// In the register of this user's static chain, if there is one.
    pub fn in_chain(user: Chain) -> Option<Self> {
        Some(Self(match arch::chain(user)? {
            ChainPlace::Register(register) => Way::Chain(register),
            ChainPlace::Protocol => Way::Protocol,
        }))
    }

    /// In an argument register, which has this name on the processor.
    pub fn in_register(name: &[u8]) -> Option<Self> {
        let index = arch::REGISTER_NAMES.iter().position(|register| register.as_bytes() == name)?;
        Some(Self(Way::Argument(Place::Register(index))))
    }

    /// Where C passes the argument behind that many integers and floating-point numbers.
    pub fn behind(integers: usize, floats: usize) -> Option<Self> {
        let ArgumentsBefore { registers, stack_words } = arch::arguments_before(integers, floats)?;
        // None of these arguments is aligned to more than the stack.
        let copied = copied_arguments(stack_words.checked_mul(size_of::<usize>())?, align_of::<usize>())?;
        Some(Self(Way::Argument(if registers < arch::REGISTERS - arch::SAVED_REGISTERS {
            Place::Register(registers)
        } else if registers < arch::REGISTERS {
            Place::SavedRegister(copied)
        } else {
            Place::Stack(copied)
        })))
    }

    #[inline]
    fn table(self) -> Table {
        match self.0 {
            Way::Protocol => Table::Protocol,
            Way::Chain(register) => Table::Chain(register),
            Way::Argument(Place::Register(register)) => Table::Context(register),
            Way::Argument(_) => Table::Stack,
        }
    }
}

/// Whether trampolines are possible. The first answer never changes, because C programs decide by it which way to go.
///
/// The answer is no only if every source fails for a reason that will last. A lack of memory, mappings or descriptors
/// does not last. Then a trampoline may be refused now, and later creations may succeed.
#[inline]
pub fn is_available() -> bool {
    match ANSWER.load(Ordering::Relaxed) {
        0 => answer(),
        answer => answer == YES,
    }
}

static ANSWER: AtomicUsize = AtomicUsize::new(0);
const YES: usize = 1;
const NO: usize = 2;

#[cold]
fn answer() -> bool {
    let found = verdict(supported().and_then(|()| map::master().map(|_| ())));
    // If another thread was first, its answer counts.
    let answer = ANSWER
        .compare_exchange(0, found, Ordering::Relaxed, Ordering::Relaxed)
        .map_or_else(|earlier| earlier, |_| found);
    answer == YES
}

/// The answer after an attempt to map the tables.
fn verdict(mapped: Result<(), Error>) -> usize {
    match mapped {
        Ok(()) => YES,
        Err(Error::NoSource(failed)) if failed.iter().any(|one| passes(&one.failure)) => YES,
        Err(_) => NO,
    }
}

/// Whether a source may work when the process or the system has more resources.
fn passes(failure: &Failure) -> bool {
    failure.is_out_of_memory() || failure.is_passing()
}

/// A live trampoline.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    slot: NonNull<Slot>,
    table: Table,
}

impl Live {
    /// Claims a trampoline. A call before [`bind`](Self::bind) ends the process with a message.
    ///
    /// # Errors
    ///
    /// The errors of claiming a slot. If [`is_available`] has said no, the error says so.
    #[inline(always)] // the common delivery is known when this is compiled
    pub fn claim(delivery: Delivery) -> Result<Self, Error> {
        supported()?;
        if ANSWER.load(Ordering::Relaxed) == NO {
            return Err(Error::Unsupported(Unsupported::System));
        }
        let table = delivery.table();
        let live = Self { slot: claim_of(table)?, table };
        live.words().context.store(core::ptr::null_mut(), Ordering::Relaxed);
        match delivery.0 {
            Way::Protocol => live.words().handler.store(arch::protocol_unset().cast_mut(), Ordering::Relaxed),
            Way::Chain(_) | Way::Argument(Place::Register(_)) => {
                live.words().handler.store(called_before_set as *mut (), Ordering::Relaxed);
            }
            Way::Argument(Place::SavedRegister(copied)) => live.lead(arch::c_saved_register_routine(), copied),
            Way::Argument(Place::Stack(copied)) => live.lead(arch::c_stack_routine(), copied),
            Way::Argument(Place::Variadic | Place::Dynamic) => unreachable!("`ArgumentsBefore` names no such place"),
        }
        Ok(live)
    }

    /// The two words of any slot.
    #[inline]
    fn words(self) -> &'static Slot {
        // SAFETY: slots are never unmapped, and these words are atomics.
        unsafe { self.slot.as_ref() }
    }

    /// Fills a fresh slot of the stack's table.
    fn lead(self, routine: *const (), copied: CopiedArguments) {
        // SAFETY: the slot is fresh, so only the caller has it.
        unsafe { lead_by_routine(self.stack_slot(), routine, copied, called_before_set as *const ()) }
    }

    fn stack_slot(self) -> NonNull<StackSlot> {
        debug_assert_eq!(self.table, Table::Stack);
        self.slot.cast()
    }

    /// The live trampoline with this handle, if there is one and its target uses the protocol. This is not
    /// [`of`](Self::of), because `of` tells more kinds apart. Most calls come here, and need no more registers than a
    /// call leaves free.
    #[inline(always)] // the table is known when what follows is compiled
    pub fn of_protocol(handle: *const ()) -> Option<Self> {
        Self { slot: Candidate::new(handle.addr())?.slot_of(Table::Protocol)?, table: Table::Protocol }.if_live()
    }

    /// The live trampoline with this handle, if it is one.
    pub fn of(handle: *const ()) -> Option<Self> {
        let candidate = Candidate::new(handle.addr())?;
        let table = candidate.table();
        if matches!(table, Table::Closure(_)) {
            return None;
        }
        Self { slot: candidate.slot_of(table)?, table }.if_live()
    }

    #[inline]
    fn if_live(self) -> Option<Self> {
        self.is_live(self.words().handler.load(Ordering::Relaxed)).then_some(self)
    }

    /// Whether a slot with this handler is a live one of the C library.
    #[inline]
    fn is_live(self, handler: State) -> bool {
        match self.table {
            Table::Protocol => !handler.is_null() && handler != protocol_poison(),
            Table::Stack => is_routine(handler),
            Table::Context(_) | Table::Chain(_) | Table::Closure(_) => !handler.is_null() && handler != c_poison(),
        }
    }

    #[inline(always)] // as in `release`
    fn poison(self) -> State {
        if self.table == Table::Protocol { protocol_poison() } else { POOLS[self.table.number()].supply().poison() }
    }

    /// The handle by which C knows the trampoline.
    #[inline]
    pub fn handle(self) -> *mut () {
        self.slot.as_ptr().cast()
    }

    /// The address to call or to jump to.
    #[inline]
    pub fn entry(self) -> *const () {
        entry(self.slot)
    }

    /// Sets the context and then the target, each at once. A thunk loads one after the other. So a call at the same
    /// time may find one old and one new word.
    #[inline]
    pub fn bind(self, target: NonNull<()>, context: *mut ()) {
        self.words().context.store(context, Ordering::Relaxed);
        if self.table == Table::Stack {
            // SAFETY: it is a `StackSlot`. Its other fields, which are no atomics, are not touched.
            let stack_handler = unsafe { &(*self.stack_slot().as_ptr()).stack_handler };
            stack_handler.store(target.as_ptr(), Ordering::Release);
        } else {
            self.words().handler.store(target.as_ptr(), Ordering::Release);
        }
    }

    /// Gives the slot back, unless another thread has just done so. Later calls end with a message.
    #[inline(always)] // most calls come by `of_protocol`, after which the table is a constant
    pub fn release(self) -> bool {
        let handler = &self.words().handler;
        let earlier = if arch::is_single_threaded() {
            // No other thread can do the same at this time.
            let earlier = handler.load(Ordering::Relaxed);
            handler.store(self.poison(), Ordering::Relaxed);
            earlier
        } else {
            handler.swap(self.poison(), Ordering::Relaxed)
        };
        if !self.is_live(earlier) {
            return false;
        }
        // SAFETY: the slot came from this pool. Only the thread that found it live and poisoned it releases it.
        unsafe { rest(self.slot, self.table) };
        true
    }
}

fn is_routine(handler: State) -> bool {
    core::ptr::eq(handler, arch::c_stack_routine())
        || (arch::SAVED_REGISTERS != 0 && core::ptr::eq(handler, arch::c_saved_register_routine()))
}
