//! Calls from C: every class of argument in every position, every class of result, through direct and mapped
//! trampolines, under every calling convention.
//!
//! The C side is `c/calls.c`. It calls each closure with an argument that the test gave it, beside neighbours that both
//! sides know. It reports whether it got the result that the test expects. This file compares what the closure
//! received.

#![allow(clippy::undocumented_unsafe_blocks, reason = "each calls a function of c/calls.c with the types it declares")]
#![allow(improper_ctypes, improper_ctypes_definitions, reason = "i128 (Rust 1.85) and vectors")]

use std::cell::RefCell;
use std::fmt::Debug;

use tramp_rt::Trampoline;
use tramp_test_support::with_each_kind;

/// What a closure received.
#[derive(Default)]
struct Received(RefCell<String>);

impl Received {
    fn note(&self, arguments: &[&dyn Debug]) {
        *self.0.borrow_mut() = format!("{arguments:?}");
    }

    fn check(&self, sent: &[&dyn Debug]) {
        assert_eq!(*self.0.borrow(), format!("{sent:?}"), "received and sent");
    }
}

/// One callback: lends a closure to the C function of this class and position and compares.
macro_rules! call {
    (
        $abi:literal $suffix:literal $class:ident $position:literal
        fn($($name:ident: $type:ty = $sent:expr),*) -> $result_type:ty = $argument:ident, $result:ident
    ) => {{
        unsafe extern "C" {
            #[link_name = concat!(stringify!($class), "_", $position, $suffix)]
            fn caller(callback: *const (), argument: *const (), result: *const ()) -> bool;
        }
        let received = Received::default();
        let same = Trampoline::<unsafe extern $abi fn($($type),*) -> $result_type>::scoped(
            |$($name),*| {
                received.note(&[$(&$name),*]);
                $result
            },
            |callback| unsafe { caller(callback as _, (&raw const $argument).cast(), (&raw const $result).cast()) },
        );
        assert!(same.expect("a slot"), concat!("C received another result: ", $position));
        received.check(&[$(&$sent),*]);
    }};
}

macro_rules! class {
    ($abi:literal $suffix:literal $class:ident $type:ty: $argument:ident, $result:ident) => {
        call! { $abi $suffix $class "alone" fn(v: $type = $argument) -> $type = $argument, $result }
        call! { $abi $suffix $class "behind_five"
        fn(a: u8 = 201, b: f64 = 1.5, c: i64 = -1, d: i64 = -2, e: i64 = -3, f: i64 = -4, v: $type = $argument,
            g: i64 = -5)
        -> $type = $argument, $result }
        call! { $abi $suffix $class "behind_six"
        fn(a: i64 = -1, b: i64 = -2, c: i64 = -3, d: i64 = -4, e: i64 = -5, f: i64 = -6, v: $type = $argument,
            g: u8 = 201)
        -> $type = $argument, $result }
        call! { $abi $suffix $class "behind_floats"
        fn(a: f64 = 0.5, b: f64 = 1.5, c: f64 = 2.5, d: f64 = 3.5, e: f64 = 4.5, f: f64 = 5.5, g: f64 = 6.5,
            h: f64 = 7.5, v: $type = $argument, i: f32 = 8.5)
        -> $type = $argument, $result }
        call! { $abi $suffix $class "twice_on_the_stack"
        fn(a: i64 = -1, b: i64 = -2, c: i64 = -3, d: i64 = -4, e: i64 = -5, f: i64 = -6, g: i64 = -7,
            v: $type = $argument, h: u8 = 201, w: $type = $argument)
        -> $type = $argument, $result }
        call! { $abi $suffix $class "result_alone" fn() -> $type = $argument, $result }
    };
}

/// A test for each class: its name in C, its type, an argument and a result.
macro_rules! classes {
    ($abi:literal $suffix:literal; $($classes:tt)*) => { classes! { if true; $abi $suffix; $($classes)* } };
    (
        if $passed_as_in_c:expr; $abi:literal $suffix:literal;
        $($class:ident: $type:ty = $argument:expr, $result:expr;)*
    ) => { $(
        #[test]
        fn $class() {
            if !$passed_as_in_c {
                println!("{}: skipped, this compiler of Rust or C passes it otherwise than others", stringify!($class));
                return;
            }
            let (argument, result): ($type, $type) = ($argument, $result);
            with_each_kind(&|_| {
                class! { $abi $suffix $class $type: argument, result }
            });
        }
    )* };
}

macro_rules! structs {
    ($([$($repr:tt)*] $name:ident($($type:ty),*);)*) => { $(
        #[repr($($repr)*)]
        #[derive(Clone, Copy, Debug)]
        #[allow(dead_code, reason = "read through Debug")]
        struct $name($($type),*);
    )* };
}

structs! {
    [C] OneF32(f32);
    [C] TwoF32(f32, f32);
    [C] OneF64(f64);
    [C] TwoF64(f64, f64);
    [C] F32F64(f32, f64);
    [C] TwoI64(i64, i64);
    [C] I64F64(i64, f64);
    [C] F64I64(f64, i64);
    [C] I32F32(i32, f32);
    [C] F32I32F64(f32, i32, f64);
    [C] I8F64(i8, f64);
    [C] I64I8(i64, i8);
    [C] BoolI16I32(bool, i16, i32);
    [C] PointerU32(*const u8, u32);
    [C] I8I128(i8, i128);
    [C] Nested(TwoF32, i64);
    [C] OneI8(i8);
    [C] OneI16(i16);
    [C] I8ThenI16(OneI8, OneI16);
    [C] NestedDeep(I8ThenI16, f32);
    [C] Arrays([f32; 2], [i32; 2]);
    [C] TwoI16(i16, i16);
    [C] ArrayOfStructs([TwoI16; 3]);
    [C, packed] PackedU8U32(u8, u32);
    [C, packed] PackedU8F64(u8, f64);
    [C, packed] PackedI64U8(i64, u8);
    [C, align(16)] Align16(i64);
    [C, align(16)] Align16Full(i64, i64);
    [C, align(32)] Align32([i64; 4]);
    [C, align(64)] Align64(i32);
}

/// A struct with only an array.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "read through Debug")]
struct Array<T, const N: usize>([T; N]);

type Bytes<const N: usize> = Array<u8, N>;

fn bytes<const N: usize>(first: u8) -> Bytes<N> {
    let mut byte = first;
    Array([(); N].map(|()| {
        byte = byte.wrapping_mul(5).wrapping_add(17);
        byte
    }))
}

macro_rules! unions {
    ($($name:ident { $first:ident: $first_type:ty, $second:ident: $second_type:ty })*) => { $(
        #[repr(C)]
        #[derive(Clone, Copy)]
        union $name {
            $first: $first_type,
            $second: $second_type,
        }
        impl Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                unsafe { self.$first }.fmt(f)
            }
        }
    )* };
}

unions! {
    EitherI64F64 { word: i64, _float: f64 }
    EitherF64F32 { float: f64, _floats: [f32; 2] }
    EitherLarge { bytes: [u8; 23], _float: f64 }
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "Green is only received")]
enum Colour {
    Red = 1,
    Green = 2,
    Blue = -3,
}

type Function = extern "C" fn(i32) -> i32;

extern "C" fn twice(n: i32) -> i32 {
    n * 2
}

extern "C" fn thrice(n: i32) -> i32 {
    n * 3
}

static FIRST: u32 = 0x1234_5678;
static SECOND: u32 = 0x9abc_def0;

classes! {
    "C" "_c";

    c_i8: i8 = -101, i8::MIN;
    c_i16: i16 = -30_001, i16::MIN;
    c_i32: i32 = -2_000_000_001, i32::MIN;
    c_i64: i64 = -9_000_000_000_000_000_001, i64::MIN;
    c_u8: u8 = 255, 129;
    c_u16: u16 = 65_535, 40_001;
    c_u32: u32 = u32::MAX, 4_000_000_001;
    c_u64: u64 = u64::MAX, 18_000_000_000_000_000_001;
    c_bool: bool = true, false;
    c_f32: f32 = -1.5e30, 0.1;
    c_f64: f64 = -1.5e300, 0.1;
    enumeration: Colour = Colour::Red, Colour::Blue;
    pointer: *const u8 = (&raw const FIRST).cast(), std::ptr::null();
    reference: &'static u32 = &FIRST, &SECOND;
    optional_reference: Option<&'static u32> = Some(&FIRST), None;
    function: Function = twice, thrice;
    optional_function: Option<Function> = None, Some(twice);

    bytes_1: Bytes<1> = bytes(1), bytes(2);
    bytes_2: Bytes<2> = bytes(1), bytes(2);
    bytes_3: Bytes<3> = bytes(1), bytes(2);
    bytes_4: Bytes<4> = bytes(1), bytes(2);
    bytes_5: Bytes<5> = bytes(1), bytes(2);
    bytes_7: Bytes<7> = bytes(1), bytes(2);
    bytes_8: Bytes<8> = bytes(1), bytes(2);
    bytes_9: Bytes<9> = bytes(1), bytes(2);
    bytes_12: Bytes<12> = bytes(1), bytes(2);
    bytes_15: Bytes<15> = bytes(1), bytes(2);
    bytes_16: Bytes<16> = bytes(1), bytes(2);
    bytes_17: Bytes<17> = bytes(1), bytes(2);
    bytes_24: Bytes<24> = bytes(1), bytes(2);
    bytes_32: Bytes<32> = bytes(1), bytes(2);
    bytes_33: Bytes<33> = bytes(1), bytes(2);
    bytes_64: Bytes<64> = bytes(1), bytes(2);
    bytes_65: Bytes<65> = bytes(1), bytes(2);
    bytes_9000: Bytes<9000> = bytes(1), bytes(2);

    one_f32: OneF32 = OneF32(1.25), OneF32(-7.5);
    two_f32: TwoF32 = TwoF32(1.25, -2.5), TwoF32(-7.5, 8.5);
    three_f32: Array<f32, 3> = Array([1.25, -2.5, 3.75]), Array([-7.5, 8.5, -9.5]);
    four_f32: Array<f32, 4> = Array([1.25, -2.5, 3.75, 4.0]), Array([-7.5, 8.5, -9.5, 10.5]);
    five_f32: Array<f32, 5> = Array([1.25, -2.5, 3.75, 4.0, 5.0]), Array([-7.5, 8.5, -9.5, 10.5, 11.5]);
    one_f64: OneF64 = OneF64(1.25), OneF64(-7.5);
    two_f64: TwoF64 = TwoF64(1.25, -2.5), TwoF64(-7.5, 8.5);
    three_f64: Array<f64, 3> = Array([1.25, -2.5, 3.75]), Array([-7.5, 8.5, -9.5]);
    four_f64: Array<f64, 4> = Array([1.25, -2.5, 3.75, 4.0]), Array([-7.5, 8.5, -9.5, 10.5]);
    f32_f64: F32F64 = F32F64(1.25, -2.5), F32F64(-7.5, 8.5);

    two_i64: TwoI64 = TwoI64(-1, 2), TwoI64(3, i64::MIN);
    three_i64: Array<i64, 3> = Array([-1, 2, -3]), Array([4, i64::MIN, 6]);
    i64_f64: I64F64 = I64F64(-1, 2.5), I64F64(i64::MIN, -7.5);
    f64_i64: F64I64 = F64I64(2.5, -1), F64I64(-7.5, i64::MIN);
    i32_f32: I32F32 = I32F32(-1, 2.5), I32F32(i32::MIN, -7.5);
    f32_i32_f64: F32I32F64 = F32I32F64(2.5, -1, 3.5), F32I32F64(-7.5, i32::MIN, 8.5);
    i8_f64: I8F64 = I8F64(-1, 2.5), I8F64(i8::MIN, -7.5);
    i64_i8: I64I8 = I64I8(-1, 2), I64I8(i64::MIN, -3);
    bool_i16_i32: BoolI16I32 = BoolI16I32(true, -2, 3), BoolI16I32(false, 4, -5);
    pointer_u32: PointerU32 = PointerU32((&raw const FIRST).cast(), 4), PointerU32(std::ptr::null(), u32::MAX);

    nested: Nested = Nested(TwoF32(1.5, -2.5), -3), Nested(TwoF32(4.5, 5.5), i64::MIN);
    nested_deep: NestedDeep = NestedDeep(I8ThenI16(OneI8(-1), OneI16(-2)), 3.5),
        NestedDeep(I8ThenI16(OneI8(4), OneI16(5)), -6.5);
    arrays: Arrays = Arrays([1.5, -2.5], [-3, 4]), Arrays([5.5, 6.5], [7, i32::MIN]);
    array_of_structs: ArrayOfStructs = ArrayOfStructs([TwoI16(1, -2), TwoI16(3, -4), TwoI16(5, -6)]),
        ArrayOfStructs([TwoI16(-7, 8), TwoI16(-9, 10), TwoI16(-11, 12)]);

    packed_u8_u32: PackedU8U32 = PackedU8U32(1, u32::MAX), PackedU8U32(255, 2);
    packed_u8_f64: PackedU8F64 = PackedU8F64(1, -2.5), PackedU8F64(255, 3.5);
    packed_i64_u8: PackedI64U8 = PackedI64U8(-1, 2), PackedI64U8(i64::MIN, 255);

    align16: Align16 = Align16(-1), Align16(i64::MIN);
    align16_full: Align16Full = Align16Full(-1, 2), Align16Full(3, i64::MIN);
    align32: Align32 = Align32([-1, 2, -3, 4]), Align32([5, -6, 7, i64::MIN]);

    either_i64_f64: EitherI64F64 = EitherI64F64 { word: -1 }, EitherI64F64 { word: i64::MIN };
    either_f64_f32: EitherF64F32 = EitherF64F32 { float: 1.5 }, EitherF64F32 { float: -7.5 };
    either_large: EitherLarge = EitherLarge { bytes: bytes(1).0 }, EitherLarge { bytes: bytes(2).0 };
}

// Not on arm, where AAPCS32 (rule B.5) goes by the alignment of the field, and rustc, 1.97 at least, by the struct's.
#[cfg(not(target_arch = "arm"))]
classes! {
    "C" "_c";
    align64: Align64 = Align64(-1), Align64(i32::MIN);
}

#[cfg(target_pointer_width = "64")]
classes! {
    if tramp_test_support::i128_is_as_in_c(); "C" "_c";
    c_i128: i128 = i128::MIN + 1, -5;
    c_u128: u128 = u128::MAX - 1, 1 << 100;
    i8_i128: I8I128 = I8I128(-1, i128::MIN + 1), I8I128(2, 1 << 100);
}

#[cfg(target_arch = "x86_64")]
mod vectors {
    use std::arch::x86_64::{__m128, __m128d, __m128i};
    use std::mem::transmute;

    use super::*;

    fn m128(first: f32) -> __m128 {
        unsafe { transmute([first, first + 1.5, first + 2.5, first + 3.5]) }
    }
    fn m128d(first: f64) -> __m128d {
        unsafe { transmute([first, first + 1.5]) }
    }
    fn m128i(first: i64) -> __m128i {
        unsafe { transmute([first, !first]) }
    }

    classes! {
        "C" "_c";
        f32x4: __m128 = m128(1.0), m128(-9.5);
        f64x2: __m128d = m128d(1.0), m128d(-9.5);
        i64x2: __m128i = m128i(1), m128i(i64::MIN);
        one_f32x4: Array<__m128, 1> = Array([m128(1.0)]), Array([m128(-9.5)]);
        two_f32x4: Array<__m128, 2> = Array([m128(1.0), m128(2.0)]), Array([m128(-9.5), m128(3.0)]);
    }

    #[cfg(target_feature = "avx")]
    mod avx {
        use std::arch::x86_64::__m256;

        use super::*;

        fn m256(first: f32) -> __m256 {
            unsafe { transmute([m128(first), m128(first * 8.0)]) }
        }

        classes! {
            "C" "_c";
            f32x8: __m256 = m256(1.0), m256(-9.5);
        }
    }
}

/// Arguments that differ between conventions, except structs.
macro_rules! scalars_under {
    ($abi:literal $suffix:literal) => {
        classes! {
            $abi $suffix;
            c_i8: i8 = -101, i8::MIN;
            c_f64: f64 = 0.1, -1.5e300;
        }
    };
}

/// The differences between conventions.
macro_rules! classes_under {
    ($abi:literal $suffix:literal) => {
        scalars_under! { $abi $suffix }
        classes! {
            $abi $suffix;
            bytes_9: Bytes<9> = bytes(1), bytes(2);
            bytes_9000: Bytes<9000> = bytes(1), bytes(2);
            i64_f64: I64F64 = I64F64(-1, 2.5), I64F64(i64::MIN, -7.5);
        }
    };
}

mod c_unwind {
    use super::*;
    classes_under! { "C-unwind" "_c" }
}

mod system {
    use super::*;
    #[cfg(not(all(windows, target_arch = "x86")))]
    classes_under! { "system" "_c" }
    #[cfg(all(windows, target_arch = "x86"))]
    classes_under! { "system" "_std" }
}

#[cfg(target_arch = "x86_64")]
mod sysv64 {
    use super::*;
    #[cfg(not(windows))]
    classes_under! { "sysv64" "_c" }
    #[cfg(windows)]
    classes_under! { "sysv64" "_sysv" }
}

#[cfg(target_arch = "x86_64")]
mod win64 {
    use super::*;
    classes_under! { "win64" "_ms" }
    classes! {
        "win64" "_ms";
        c_i64: i64 = -1, i64::MIN;
        c_f32: f32 = 0.1, -1.5e30;
        bytes_3: Bytes<3> = bytes(1), bytes(2);
        bytes_8: Bytes<8> = bytes(1), bytes(2);
        one_f32: OneF32 = OneF32(1.25), OneF32(-7.5);
        two_f32: TwoF32 = TwoF32(1.25, -2.5), TwoF32(-7.5, 8.5);
        align32: Align32 = Align32([-1, 2, -3, 4]), Align32([5, -6, 7, i64::MIN]);
    }
}

/// Without structs, because rustc, up to 1.95 at least, passes them as System V does unless the target is Windows or
/// UEFI.
#[cfg(target_arch = "x86_64")]
mod efiapi {
    use super::*;
    scalars_under! { "efiapi" "_ms" }
}

/// Every number of arguments that function pointer types may have as signatures. The i-th argument is i.
#[test]
#[allow(clippy::float_cmp, clippy::cast_precision_loss, reason = "the numbers are small and whole, or halves")]
#[allow(clippy::reversed_empty_ranges, reason = "no argument is one of the cases")]
fn arities() {
    type F = f64;
    type I = i64;

    macro_rules! arities {
        ($($count:literal ($($name:ident: $type:ty),*))*) => {
            with_each_kind(&|_| { $({
                unsafe extern "C" {
                    #[link_name = concat!("arity_", $count)]
                    fn caller(callback: *const ()) -> f64;
                }
                let received = Received::default();
                let result = Trampoline::<unsafe extern "C" fn($($type),*) -> f64>::scoped(
                    |$($name),*| {
                        received.note(&[$(&($name as f64)),*]);
                        f64::from($count) + 0.5
                    },
                    |callback| unsafe { caller(callback as _) },
                );
                assert_eq!(result.expect("a slot"), f64::from($count) + 0.5);
                let sent: Vec<_> = (1..=$count).map(f64::from).collect();
                received.check(&sent.iter().map(|argument| argument as &dyn Debug).collect::<Vec<_>>());
            })* });
        };
    }
    arities! {
        0()
        1(a: I)
        2(a: I, b: F)
        3(a: I, b: F, c: I)
        4(a: I, b: F, c: I, d: F)
        5(a: I, b: F, c: I, d: F, e: I)
        6(a: I, b: F, c: I, d: F, e: I, f: F)
        7(a: I, b: F, c: I, d: F, e: I, f: F, g: I)
        8(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F)
        9(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I)
        10(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F)
        11(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F, k: I)
        12(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F, k: I, l: F)
        13(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F, k: I, l: F, m: I)
        14(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F, k: I, l: F, m: I, n: F)
        15(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F, k: I, l: F, m: I, n: F, o: I)
        16(a: I, b: F, c: I, d: F, e: I, f: F, g: I, h: F, i: I, j: F, k: I, l: F, m: I, n: F, o: I, p: F)
    }
}

/// Arguments and results that are aligned to more than a page.
#[test]
fn alignments_of_many_pages() {
    #[repr(C, align(8192))]
    #[derive(Clone, Copy)]
    struct TwoPages([i32; 3]);
    #[repr(C, align(65536))]
    #[derive(Clone, Copy)]
    struct ManyPages([i32; 3]);
    type Strict = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, TwoPages, i64, ManyPages) -> ManyPages;

    let test = || {
        with_each_kind(&|_| {
            let strict = Trampoline::<Strict>::new(|a, b, c, d, e, f, g, two, h, many| {
                assert_eq!((&raw const two).addr() % 8192, 0);
                assert_eq!((&raw const many).addr() % 65536, 0);
                assert_eq!(([a, b, c, d, e, f, g, h], two.0), ([1, 2, 3, 4, 5, 6, 7, 8], [-1, -2, -3]));
                ManyPages([many.0[0] + 1, many.0[1] + 1, many.0[2] + 1])
            });
            let strict = strict.expect("a slot");
            let call = std::hint::black_box(strict.as_fn());
            let result = unsafe { call(1, 2, 3, 4, 5, 6, 7, TwoPages([-1, -2, -3]), 8, ManyPages([10, i32::MIN, -1])) };
            assert_eq!(result.0, [11, i32::MIN + 1, 0]);
        });
    };
    std::thread::Builder::new().stack_size(16 << 20).spawn(test).expect("a thread").join().expect("no panic");
}
