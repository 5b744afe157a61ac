//! The slot arrives where the ABI documents say.
//!
//! Sources: *System V Application Binary Interface, AMD64 Architecture Processor Supplement*, version 1.0, §3.2.2
//! "The Stack Frame" and §3.2.3 "Parameter Passing"; Microsoft, *x64 calling convention*.

use super::{ArgumentLayout, Marks};
use crate::arch::Place;
use crate::signature::{Delivery, Signature};

fn ask<S: Signature>() -> Place {
    let Delivery::Slot(probe) = S::DELIVERY else { panic!("no slot") };
    probe.ask().expect("a place")
}

/// There may not be enough addresses for marks that point to so much memory.
#[test]
fn marks_for_which_there_are_no_addresses_are_no_place() {
    let layout = ArgumentLayout::of_return::<u8>().argument::<u64>();
    assert!(Marks::of(layout).is_some_and(|marks| marks.different == marks.places));
    let strict = |largest_align| ArgumentLayout { largest_align, ..layout };
    assert!(Marks::of(strict(1 << (usize::BITS - 3))).is_some_and(|marks| marks.different == 2));
    assert!(Marks::of(strict(1 << (usize::BITS - 2))).is_none());
    assert!(Marks::of(strict(1 << (usize::BITS - 1))).is_none());
    for bytes in [usize::MAX >> 1, usize::MAX - 256, usize::MAX] {
        assert!(Marks::of(ArgumentLayout { stack_bytes: bytes, ..layout }).is_none());
        assert!(Marks::of(ArgumentLayout { largest_bytes: bytes, ..layout }).is_none());
    }
    let almost_all = ArgumentLayout { stack_bytes: usize::MAX - 4, ..layout };
    assert!(Marks::of(almost_all.argument::<u64>()).is_none());
}

/// More marks than there can be of that alignment.
#[test]
fn a_result_aligned_to_16_mib_has_a_place() {
    #[repr(C, align(0x0100_0000))]
    struct Strict(i32);
    type Many = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) -> Strict;
    type More = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, usize) -> Strict;

    let [Place::Stack(many), Place::Stack(more)] = [ask::<Many>(), ask::<More>()] else { panic!("not on the stack") };
    assert_eq!(more.bytes as usize - many.bytes as usize, size_of::<usize>());
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use core::arch::x86_64::__m128;
    use core::ffi::c_void;

    use super::*;
    use crate::arch::geometry::copied_arguments;
    use crate::signature::probe::{Probe, report};

    const RDI: Place = Place::Register(0);
    const RSI: Place = Place::Register(1);
    const RDX: Place = Place::Register(2);
    const RCX: Place = Place::Register(3);
    const R8: Place = Place::Register(4);
    const R9: Place = Place::Register(5);

    /// Behind so many bytes of arguments, none of which is aligned to more than the stack.
    fn stack(bytes: usize) -> Place {
        aligned_stack(bytes, 16)
    }

    /// Behind so many bytes of arguments, one of which is aligned to `align`.
    fn aligned_stack(bytes: usize, align: usize) -> Place {
        Place::Stack(copied_arguments(bytes, align).expect("not too much"))
    }

    #[repr(C)]
    struct Bytes<const N: usize>([u8; N]);
    #[repr(C)]
    struct Words<const N: usize>([i64; N]);
    #[repr(C)]
    struct Floats<const N: usize>([f32; N]);
    #[repr(C)]
    struct Mixed(i64, f64);
    #[repr(C, packed)]
    struct Packed(u8, f64);
    #[repr(C)]
    union Either {
        _word: i64,
        _float: f64,
    }
    #[repr(C, align(16))]
    struct Align16([i64; 2]);
    #[repr(C, align(32))]
    struct Align32([i64; 4]);
    #[repr(C, align(64))]
    struct Align64([i64; 8]);
    #[repr(C, align(256))]
    struct Align256([u8; 256]);

    /// `places! { convention: (arguments) -> result => place; }`
    macro_rules! places {
        ($($abi:literal: ($($argument:ty),*) $(-> $result:ty)? => $place:expr;)*) => { $(
            assert_eq!(
                ask::<unsafe extern $abi fn($($argument),*) $(-> $result)?>(),
                $place,
                concat!("extern \"", $abi, "\" fn(", stringify!($($argument),*), ")", $(" -> ", stringify!($result))?),
            );
        )* };
    }

    /// §3.2.3, "Passing", rule 2: "the next available register of the sequence %rdi, %rsi, %rdx, %rcx, %r8 and %r9".
    #[test]
    fn integers_take_the_six_registers_in_turn() {
        places! {
            "sysv64": () => RDI;
            "sysv64": (bool) => RSI;
            "sysv64": (*const c_void, *const c_void) -> i32 => RDX;
            "sysv64": (i8, i16, i32) -> u64 => RCX;
            "sysv64": (Option<&'static u8>, Option<extern "C" fn()>, char, usize) => R8;
            "sysv64": (i64, i64, i64, i64, i64) => R9;
        }
    }

    /// §3.2.3, "Passing": "Once registers are assigned, the arguments passed in memory are pushed on the stack", each
    /// of them, by §3.2.3 "Classification", in eightbytes.
    #[test]
    fn the_seventh_integer_is_on_the_stack() {
        places! {
            "sysv64": (i64, i64, i64, i64, i64, i64) => stack(0);
            "sysv64": (i64, i64, i64, i64, i64, i64, u8) => stack(8);
            "sysv64": (i64, i64, i64, i64, i64, i64, i64, i64) -> i32 => stack(16);
        }
    }

    /// §3.2.3, "Passing", rule 3: class SSE goes to %xmm0 to %xmm7, and to the stack when these are used up.
    #[test]
    fn floats_leave_the_integer_registers_alone() {
        places! {
            "sysv64": (f64, f64) -> f64 => RDI;
            "sysv64": (f64, f64, f64, f64, f64, f64, f64, f64, f64, f32) -> i32 => RDI;
            "sysv64": (f64, f64, f64, f64, f64, f64, f64, f64, f64, i64, i64, i64, i64, i64, i64) => stack(8);
            "sysv64": (__m128, f32, __m128) -> __m128 => RDI;
        }
    }

    /// §3.2.3, "Classification", rules 1 to 5.
    #[test]
    fn aggregates_of_two_eightbytes_are_passed_by_class() {
        places! {
            "sysv64": (Bytes<1>) => RSI;
            "sysv64": (Bytes<8>) => RSI;
            "sysv64": (Bytes<9>) => RDX;
            "sysv64": (Words<2>) => RDX;
            "sysv64": (Mixed) => RSI;
            "sysv64": (Floats<2>) => RDI;
            "sysv64": (Floats<4>) => RDI;
            "sysv64": (Either) => RSI; // rule 4 (c): INTEGER wins over SSE
            "sysv64": (Packed) => RDI; // rule 1: "unaligned fields": MEMORY
            "sysv64": (Words<3>) => RDI; // rule 5 (c): more than two eightbytes: MEMORY
        }
    }

    /// §3.2.3, "Passing": "If there are no registers available for any eightbyte of an argument, the whole argument is
    /// passed on the stack. If registers have already been assigned for some eightbytes of such an argument, the
    /// assignments get reverted."
    #[test]
    fn an_aggregate_that_does_not_fit_leaves_its_register_to_the_slot() {
        places! {
            "sysv64": (i64, i64, i64, i64, i64, Words<2>) -> i32 => R9;
            "sysv64": (i64, i64, i64, i64, i64, Words<2>, i64) -> i32 => stack(16);
        }
    }

    /// The same of a scalar. rustc 1.85 wastes its register.
    #[test]
    fn an_integer_that_does_not_fit_leaves_its_register_to_the_slot() {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        // Where it cannot be run it is that of ci/cross, which is newer.
        let version = std::process::Command::new(rustc).arg("--version").output();
        if version.is_ok_and(|version| version.stdout.starts_with(b"rustc 1.85.")) {
            println!("an_integer_that_does_not_fit_leaves_its_register_to_the_slot: skipped, rustc 1.85 wastes it");
            return;
        }
        places! {
            "sysv64": (i64, i64, i64, i64, i64, i128) -> i32 => R9;
        }
    }

    /// §3.2.3, "Returning of Values", rule 2: "If the type has class MEMORY, then the caller provides space for the
    /// return value and passes the address of this storage in %rdi as if it were the first argument".
    #[test]
    fn a_result_in_memory_takes_the_first_register() {
        places! {
            "sysv64": (i32) -> Bytes<9000> => RDX;
            "sysv64": () -> Words<3> => RSI;
            "sysv64": () -> Words<2> => RDI;
            "sysv64": () -> i128 => RDI;
            "sysv64": (i64, i64, i64, i64, i64) -> Packed => stack(0);
            "sysv64": (Bytes<9000>) -> Bytes<9000> => RSI;
        }
    }

    /// §3.2.3: class MEMORY is "passed and returned in memory via the stack", in whole eightbytes.
    #[test]
    fn aggregates_in_memory_come_before_the_slot() {
        places! {
            "sysv64": (i64, i64, i64, i64, i64, i64, Bytes<9000>) => stack(9000);
            "sysv64": (i64, i64, i64, i64, i64, i64, Bytes<17>) => stack(24);
            "sysv64": (i64, i64, i64, i64, i64, i64, Packed, u8) => stack(24);
        }
    }

    /// §3.2.3, "Passing": the size of each argument "gets rounded up to eight bytes" and its alignment is kept; the end
    /// of the argument area is aligned as strictly as any vector in it (§3.2.2).
    #[test]
    fn alignment_on_the_stack_moves_the_slot() {
        places! {
            "sysv64": (i64, i64, i64, i64, i64, i64, i64, i128) => stack(32);
            "sysv64": (i64, i64, i64, i64, i64, i64, i64, Align16) => stack(32);
            "sysv64": (i64, i64, i64, i64, i64, i64, i64, Align32) => aligned_stack(64, 32);
            "sysv64": (i64, i64, i64, i64, i64, i64, i64, Align64, u8) => aligned_stack(136, 64);
            "sysv64": (i64, i64, i64, i64, i64, i64, i64, Align256) => aligned_stack(512, 256);
            "sysv64": (i64, i64, i64, i64, i64, i64) -> Align256 => stack(8); // the result is not on the stack
        }
    }

    /// §3.2.3, figure "Parameter Passing Example", less what Rust has no type for.
    #[test]
    fn the_example_of_the_document() {
        #[repr(C)]
        struct Structparm {
            a: i32,
            b: i32,
            d: f64,
        }
        places! {
            "sysv64": (i32, i32, Structparm, i32, i32, f64, f64, i32, i32, i32) => stack(16);
        }
    }

    /// "The first four integer arguments are passed in registers. Integer values are passed in left-to-right order in
    /// RCX, RDX, R8, and R9, respectively. Arguments five and higher are passed on the stack", above the home space of
    /// the first four. "Any floating-point and double-precision arguments in the first four parameters are passed in
    /// XMM0 - XMM3, depending on position".
    #[test]
    fn win64_has_four_positions_and_their_home() {
        places! {
            "win64": () => RCX;
            "win64": (i32) => RDX;
            "win64": (f64, i32) -> f64 => R8;
            "win64": (f64, f32, f64) => R9;
            "win64": (i64, f64, i64, f64) => stack(32);
            "win64": (f64, f64, f64, f64) => stack(32);
            "win64": (i64, i64, i64, i64, u8) => stack(40);
            "win64": (i64, i64, i64, i64, f32, i64) => stack(48);
        }
    }

    /// "Structs or unions of size 8, 16, 32, or 64 bits […] are passed as if they were integers of the same size. Structs
    /// or unions of other sizes are passed as a pointer to memory allocated by the caller." Results likewise.
    #[test]
    fn win64_passes_other_aggregates_by_reference() {
        places! {
            "win64": (Words<1>, Floats<2>) => R8;
            "win64": (Words<2>, Bytes<3>, Packed) => R9;
            "win64": (Bytes<9000>) -> Bytes<9000> => R8;
            "win64": (i64, i64, i64, i64, Bytes<9000>) => stack(40);
            "win64": (i64, i64, i64, i64, Align64) => stack(40); // its address
            "win64": () -> Words<2> => RDX;
            "win64": () -> Words<1> => RCX;
        }
    }

    #[test]
    fn the_other_conventions_are_one_of_the_two() {
        places! {
            "efiapi": (i64, i64) => R8;
            "efiapi": (i64, i64, i64, i64) => stack(32);
        }
        #[cfg(unix)]
        places! {
            "C": (i64, i64) => RDX;
            "C-unwind": (i64, i64) => RDX;
            "system": (i64, i64) => RDX;
            "C": (i32) -> Bytes<9000> => RDX;
        }
        #[cfg(windows)]
        places! {
            "C": () => RCX;
            "C": (i64) => RDX;
            "C-unwind": (f64, i64) => R8;
            "system": (i64, i64, i64) => R9;
            "C": (i64, i64, i64, i64) => stack(32);
            "C": (i32) -> Bytes<9000> => R8;
        }
    }

    /// LLVM and linkers fold functions of equal code, so one probe function may serve several signatures.
    #[test]
    fn a_kept_answer_is_not_given_for_another_alignment() {
        extern "sysv64" fn folded(_: i64, _: i64, _: i64, _: i64, _: i64, _: i64, _: Bytes<512>, slot: usize) {
            report(slot);
        }
        static LOOSE: Probe =
            Probe::new(folded as *const (), ArgumentLayout::of_return::<()>().argument::<Bytes<512>>());
        static STRICT: Probe = Probe::new(folded as *const (), ArgumentLayout::of_return::<()>().argument::<Pair>());
        #[repr(C)]
        struct Pair(Align256, Align256);

        let (loose, strict) = (stack(512), aligned_stack(512, 256));
        for (probe, place) in [(&LOOSE, loose), (&STRICT, strict), (&LOOSE, loose)] {
            assert_eq!(probe.place().expect("a place"), place);
        }
    }
}
