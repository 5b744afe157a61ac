//! The C library's trampolines, used as the library uses them. Every address that C hands back is judged right, and a
//! live trampoline does what it was told. `tramp-c/tests` does the same from C.

use core::mem::transmute;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::caches::with_cache;
use super::super::runs::{self, RUN_BYTES, RUNS};
use super::super::{claim as claim_for_closure, registry, release as release_of_closure};
use super::*;
use crate::pool::{Header, QUARANTINE, SURPLUS};
use crate::source::{Attempt, Source};

const WORD: usize = size_of::<usize>();

/// No other test has trampolines of these kinds, and the tests of this file run one after the other.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One delivery for each kind of slot.
fn deliveries() -> Vec<Delivery> {
    let registers = arch::REGISTER_NAMES.iter().map(|name| Delivery::in_register(name.as_bytes()));
    let more_than_registers = arch::REGISTERS - arch::SAVED_REGISTERS..arch::REGISTERS + 2;
    let others = more_than_registers.map(|integers| Delivery::behind(integers, 0));
    let mut all: Vec<_> = registers.chain(others).map(|delivery| delivery.expect("a place")).collect();
    all.push(Delivery::PROTOCOL);
    for chain in [Chain::Gcc, Chain::Llvm, Chain::Libffi].into_iter().filter_map(Delivery::in_chain) {
        if !all.contains(&chain) {
            all.push(chain);
        }
    }
    all
}

fn claim(delivery: Delivery) -> Live {
    Live::claim(delivery).expect("a slot")
}

fn of(address: usize) -> Option<Live> {
    Live::of(core::ptr::without_provenance(address))
}

/// One table for each kind of slot that is registered.
fn tables() -> BTreeSet<usize> {
    deliveries().into_iter().map(|delivery| delivery.table().number()).collect()
}

/// The slots of a table, if a region's slots begin at `start`.
fn slots(table: Table, start: usize) -> Vec<usize> {
    let in_run = (0..RUN_BYTES).step_by(table.stride()).filter(|&offset| offset >= size_of::<Header>());
    let run = |index| runs::start(table, start, index).addr();
    (0..RUNS).flat_map(|index| in_run.clone().map(move |offset| run(index) + offset)).collect()
}

fn slot_of(address: usize, table: Table) -> Option<usize> {
    Some(Candidate::new(address)?.slot_of(table)?.addr().get())
}

#[test]
fn what_is_registered_is_a_slot_until_it_is_removed() {
    let _alone = alone();
    // Addresses that nothing else has: below what the system gives out, and far above.
    let low = 4 * arch::DISTANCE;
    for base in [low, low << (usize::BITS / 4)] {
        for table in tables().into_iter().map(Table::of) {
            // The slots lie in one granule, or in two.
            for start in [base, base + RUN_BYTES] {
                let around = start - 2 * arch::DISTANCE..start + 2 * arch::DISTANCE;
                let found =
                    || around.clone().step_by(WORD).filter_map(|address| slot_of(address, table)).collect::<Vec<_>>();
                assert_eq!(found(), [], "{table:?}");
                registry::insert(start, table).expect("memory");
                let slots = slots(table, start);
                assert_eq!(found(), slots, "{table:?}");
                assert!(slots.iter().all(|&slot| Candidate::new(slot).is_some_and(|one| one.table() == table)));
                assert!((1..WORD).all(|odd| slot_of(slots[0] + odd, table).is_none()), "a part of a slot");
                let others = || tables().into_iter().map(Table::of).filter(|&other| other != table);
                assert!(!slots.iter().any(|&slot| others().any(|other| slot_of(slot, other).is_some())));
                registry::remove(start + RUN_BYTES); // of which nothing is known
                assert_eq!(slot_of(slots[0], table), Some(slots[0]));
                registry::remove(start);
                assert_eq!(found(), [], "{table:?}");
            }
        }
    }
    // An entry of no region looks like that of a region at the address 0.
    for table in Table::all() {
        assert!(!(0..2 * arch::DISTANCE).step_by(WORD).any(|address| slot_of(address, table).is_some()));
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn no_region_is_registered_beyond_what_the_system_gives_out() {
    let _alone = alone();
    let beyond = registry::insert(1 << 48, Table::Protocol);
    assert!(matches!(beyond, Err(Error::Reserve(error)) if error.kind() == io::ErrorKind::AddrNotAvailable));
    // An address with the same lower bits as a slot is not a slot.
    let start = 0x2346 << 32;
    registry::insert(start, Table::Protocol).expect("memory");
    let first = slots(Table::Protocol, start)[0];
    assert_eq!(slot_of(first, Table::Protocol), Some(first));
    assert!((48..64).all(|bit| slot_of(first + (1 << bit), Table::Protocol).is_none()));
    registry::remove(start);
}

#[test]
fn of_all_addresses_those_of_live_trampolines_are_handles() {
    let _alone = alone();
    for delivery in deliveries() {
        // More than a region has, so that some lie in the next region.
        let in_region = RUNS * RUN_BYTES / delivery.table().stride();
        let mut live: Vec<_> = (0..=in_region).map(|_| claim(delivery)).collect();
        let handles: BTreeSet<_> = live.iter().map(|live| live.handle().addr()).collect();
        assert_eq!(handles.len(), live.len());
        for one in &live {
            assert_eq!(one.entry().addr(), one.handle().addr().wrapping_sub(arch::distance()));
            let found = Live::of(one.handle()).expect("live");
            assert_eq!((found.handle(), found.entry(), found.table), (one.handle(), one.entry(), delivery.table()));
            let found = Live::of_protocol(one.handle()).map(Live::handle);
            assert_eq!(found, (delivery == Delivery::PROTOCOL).then_some(one.handle()));
        }
        let first = *handles.first().expect("one");
        let around = (first - 2 * arch::DISTANCE..first + 2 * arch::DISTANCE).step_by(WORD);
        for address in around.chain(first + 1..first + WORD) {
            assert_eq!(of(address).is_some(), handles.contains(&address), "{delivery:?}");
        }
        // A freed address is not a handle any more, and it can be freed only once.
        let kept = live.split_off(live.len() / 2);
        for one in live {
            assert!(one.release());
            assert!(Live::of(one.handle()).is_none() && Live::of_protocol(one.handle()).is_none());
            assert!(!one.release());
        }
        assert!(kept.iter().all(|one| Live::of(one.handle()).is_some()));
        assert!(kept.into_iter().all(Live::release));
    }
    for address in [0, 1, WORD, usize::MAX, usize::MAX - WORD, usize::MAX / 2 + 1] {
        assert!(of(address).is_none());
    }
}

/// The slot of a Rust closure is not a slot of C's.
#[test]
fn the_slot_of_a_closure_is_no_handle() {
    let place = Place::Register(0);
    if arch::REGISTERS == arch::SAVED_REGISTERS {
        return;
    }
    let slot = claim_for_closure(called_before_set as *const (), place).expect("a slot");
    assert!(Live::of(slot.as_ptr().cast()).is_none());
    // SAFETY: it was claimed above, and nothing else has it.
    unsafe { release_of_closure::<false>(slot) };
}

#[test]
fn what_was_freed_is_claimed_again_once() {
    let _alone = alone();
    for delivery in deliveries() {
        let count = 2 * (QUARANTINE + SURPLUS);
        let claim_all = || (0..count).map(|_| claim(delivery)).collect::<Vec<_>>();
        let first = claim_all();
        let mut before: BTreeSet<_> = first.iter().map(|one| one.handle().addr()).collect();
        assert!(first.into_iter().all(Live::release));
        let second = claim_all();
        let after: BTreeSet<_> = second.iter().map(|one| one.handle().addr()).collect();
        assert_eq!(after.len(), count, "each has a slot of its own");
        before.retain(|handle| after.contains(handle));
        assert!(!before.is_empty(), "some are used again");
        assert!(second.into_iter().all(Live::release));
    }
}

/// Allocators that use trampolines do this.
#[test]
fn what_is_freed_while_the_cache_is_in_use_is_not_lost() {
    let _alone = alone();
    let delivery = Delivery::PROTOCOL;
    let first = claim(delivery);
    with_cache(delivery.table(), |_, _| assert!(first.release()));
    assert!(Live::of(first.handle()).is_none());
    let in_region = RUNS * RUN_BYTES / delivery.table().stride();
    let others: Vec<_> = (0..in_region).map(|_| claim(delivery)).collect();
    assert!(others.iter().any(|one| one.handle() == first.handle()));
    assert!(others.into_iter().all(Live::release));
}

#[test]
fn a_trampoline_waits_for_its_target_and_calls_it() {
    let _alone = alone();
    /// The sum of the arguments and of the word to which the context leads.
    macro_rules! check {
        ($($count:literal: $($argument:ident)*;)*) => { $({
            #[allow(unused_mut, clippy::too_many_arguments, clippy::allow_attributes, reason = "not of all")]
            extern "C" fn target($($argument: usize,)* context: *mut usize) -> usize {
                // SAFETY: the context leads to the word that is bound below.
                (unsafe { *context })$( + $argument)*
            }
            let mut numbers = 1..;
            let arguments: [usize; $count] = core::array::from_fn(|_| numbers.next().expect("a number"));
            let [$($argument,)*] = arguments;
            let live = claim(Delivery::behind($count, 0).expect("a place"));
            // SAFETY: the pointer is only compared, not called.
            let entry = unsafe { transmute::<*const (), extern "C" fn($(check!(@ $argument),)*) -> usize>(live.entry()) };
            for context in [&mut 1_000_usize, &mut 2_000] {
                live.bind(NonNull::new(target as *mut ()).expect("a function"), (&raw mut *context).cast());
                assert!(Live::of(live.handle()).is_some());
                assert_eq!(entry($($argument,)*), *context + arguments.iter().sum::<usize>());
            }
            assert!(live.release());
        })* };
        (@ $argument:ident) => { usize };
    }
    check! {
        0: ;
        1: a;
        3: a b c;
        4: a b c d;
        5: a b c d e;
        6: a b c d e f;
        7: a b c d e f g;
        8: a b c d e f g h;
        9: a b c d e f g h i;
        12: a b c d e f g h i j k l;
    }
}

#[test]
fn a_fresh_or_freed_slot_leads_to_a_death_by_name() {
    let _alone = alone();
    for delivery in deliveries() {
        let live = claim(delivery);
        let handler = || live.words().handler.load(Ordering::Relaxed).cast_const();
        match delivery.0 {
            Way::Protocol => assert_eq!(handler(), arch::protocol_unset()),
            Way::Chain(_) | Way::Argument(Place::Register(_)) => assert_eq!(handler(), called_before_set as *const ()),
            Way::Argument(Place::SavedRegister(copied) | Place::Stack(copied)) => {
                assert!(is_routine(handler().cast_mut()));
                // SAFETY: it is a live slot of the stack's table.
                let slot = unsafe { &*live.stack_slot().as_ptr() };
                assert_eq!(slot.stack_handler.load(Ordering::Relaxed).cast_const(), called_before_set as *const ());
                assert_eq!(slot.copied, copied);
            }
            Way::Argument(Place::Variadic | Place::Dynamic) => unreachable!("no delivery is to such handlers"),
        }
        assert!(live.words().context.load(Ordering::Relaxed).is_null());
        assert!(live.release());
        let poison = match delivery.table() {
            Table::Protocol => arch::protocol_freed(),
            Table::Context(_) | Table::Chain(_) => crate::misuse::called_after_free as *const (),
            Table::Stack | Table::Closure(_) => crate::misuse::called_after_drop as *const (),
        };
        assert_eq!(handler(), poison);
    }
}

#[test]
fn a_context_behind_arguments_is_where_a_register_of_that_name_is() {
    for (index, name) in arch::REGISTER_NAMES.iter().enumerate() {
        assert_eq!(Delivery::in_register(name.as_bytes()), Some(Delivery(Way::Argument(Place::Register(index)))));
        let before = (0..=2 * arch::REGISTERS)
            .find(|&integers| arch::arguments_before(integers, 0).is_some_and(|before| before.registers == index));
        assert_eq!(Delivery::behind(before.expect("so many integers"), 0), Delivery::in_register(name.as_bytes()));
    }
    assert_eq!(Delivery::in_register(b"xyz"), None);
    assert_eq!(Delivery::in_register(b""), None);
    let Some(Delivery(Way::Argument(Place::Stack(copied)))) = Delivery::behind(arch::REGISTERS + 3, 0) else {
        panic!("on the stack")
    };
    // ELFv2 counts the bytes on the stack from the beginning of the parameter save area, which has room for those in registers.
    let in_registers = if cfg!(target_arch = "powerpc64") { arch::REGISTERS } else { 0 };
    assert_eq!(copied.bytes as usize, (in_registers + 3) * WORD);
    assert_eq!(Delivery::behind(usize::MAX, 0), None);
    let saved = (0..arch::REGISTERS).skip(arch::REGISTERS - arch::SAVED_REGISTERS);
    for delivery in saved.map(|integers| Delivery::behind(integers, 0)) {
        assert!(matches!(delivery, Some(Delivery(Way::Argument(Place::SavedRegister(_))))));
    }
    assert!(matches!(Delivery::behind(arch::REGISTERS, 0), Some(Delivery(Way::Argument(Place::Stack(_))))));
}

#[test]
fn a_reason_that_passes_is_no_answer() {
    let _alone = alone();
    let failed = |error: io::Error| Attempt { source: Source::Memfd, failure: Failure::Memfd(error) };
    let lasts = || failed(io::ErrorKind::PermissionDenied.into());
    let none = |failed| verdict(Err(Error::NoSource(failed)));
    assert_eq!(verdict(Ok(())), YES);
    assert_eq!(verdict(Err(Error::Unsupported(Unsupported::Processor))), NO);
    assert_eq!(none(vec![]), NO);
    assert_eq!(none(vec![lasts(), Attempt { source: Source::File, failure: Failure::NotInAFile }]), NO);
    for number in [libc::ENOMEM, libc::EMFILE, libc::ENFILE, libc::ENOSPC, libc::EAGAIN] {
        assert_eq!(none(vec![lasts(), failed(io::Error::from_raw_os_error(number)), lasts()]), YES, "{number}");
    }
    assert!(is_available());
}

#[test]
fn the_first_answer_is_the_only_one() {
    let _alone = alone();
    ANSWER.store(NO, Ordering::Relaxed);
    assert!(!is_available());
    assert!(!answer(), "another thread was first");
    assert!(matches!(Live::claim(Delivery::PROTOCOL), Err(Error::Unsupported(Unsupported::System))));
    for first in [0, YES] {
        ANSWER.store(first, Ordering::Relaxed);
        assert!(is_available());
        assert!(claim(Delivery::PROTOCOL).release());
    }
}
