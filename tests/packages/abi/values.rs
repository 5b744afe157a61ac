//! The values that C and Rust pass to each other. Both draw them from the same sequence, which values.h has as well.

use crate::SEED;

/// `struct values` of values.h.
pub(crate) struct Values(u64);

impl Values {
    pub(crate) fn of(signature: u64) -> Self {
        Self(SEED ^ (signature << 32))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// What can be passed.
pub(crate) trait Value: Copy {
    fn draw(values: &mut Values) -> Self;
    fn same(self, other: Self) -> bool;
}

macro_rules! scalars {
    ($($type:ident: $values:ident => $drawn:expr;)*) => { $(
        #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "C converts so")]
        #[allow(clippy::cast_precision_loss, reason = "the numbers have only as many bits as are exact")]
        #[allow(clippy::cast_lossless, reason = "one form for all")]
        #[allow(clippy::float_cmp, reason = "no value is computed")]
        impl Value for $type {
            fn draw($values: &mut Values) -> Self {
                $drawn
            }
            fn same(self, other: Self) -> bool {
                self == other
            }
        }
    )* };
}

#[allow(non_camel_case_types, reason = "its name in values.h")]
pub(crate) type pointer = *const u8;

scalars! {
    bool: values => values.next() >> 63 != 0;
    i8: values => values.next() as i8;
    i16: values => values.next() as i16;
    i32: values => values.next() as i32;
    i64: values => values.next() as i64;
    u8: values => values.next() as u8;
    u16: values => values.next() as u16;
    u32: values => values.next() as u32;
    u64: values => values.next();
    pointer: values => std::ptr::without_provenance(values.next() as usize);
    f32: values => ((values.next() >> 40) as i32 - (1 << 23)) as f32;
    f64: values => ((values.next() >> 11) as i64 - (1 << 52)) as f64;
    u128: values => (values.next() as u128) << 64 | values.next() as u128;
    i128: values => u128::draw(values) as i128;
}

impl Value for () {
    fn draw(_: &mut Values) {}
    fn same(self, (): ()) -> bool {
        true
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    fn draw(values: &mut Values) -> Self {
        [(); N].map(|()| T::draw(values))
    }
    fn same(self, other: Self) -> bool {
        self.into_iter().zip(other).all(|(a, b)| a.same(b))
    }
}

/// `vector! { name = type as [lane; lanes] }`
#[allow(unused_macros, reason = "not every processor has vectors that can be named")]
macro_rules! vector {
    ($name:ident = $type:path as $lanes:ty) => {
        use $type as $name;
        impl Value for $type {
            fn draw(values: &mut Values) -> Self {
                unsafe { std::mem::transmute(<$lanes>::draw(values)) }
            }
            fn same(self, other: Self) -> bool {
                let lanes: [$lanes; 2] = unsafe { std::mem::transmute([self, other]) };
                lanes[0].same(lanes[1])
            }
        }
    };
}

/// `structure! { [repr] Name { field: type, … } }`
macro_rules! structure {
    ([$($repr:tt)*] $name:ident { $($field:ident: $type:ty),* }) => {
        #[repr($($repr)*)]
        #[derive(Clone, Copy)]
        #[allow(dead_code, reason = "not all that are drawn can be passed")]
        struct $name {
            $($field: $type,)*
        }
        impl Value for $name {
            fn draw(values: &mut Values) -> Self {
                Self { $($field: Value::draw(values),)* }
            }
            fn same(self, other: Self) -> bool {
                true $(&& { self.$field }.same({ other.$field }))*
            }
        }
    };
}

/// A union of which one field is written and read: `choice! { Name { field: type, … } field }`
macro_rules! choice {
    ($name:ident { $($field:ident: $type:ty),* } $through:ident) => {
        #[repr(C)]
        #[derive(Clone, Copy)]
        #[allow(dead_code, reason = "the other fields make the layout")]
        union $name {
            $($field: $type,)*
        }
        impl Value for $name {
            fn draw(values: &mut Values) -> Self {
                Self { $through: Value::draw(values) }
            }
            fn same(self, other: Self) -> bool {
                unsafe { self.$through.same(other.$through) }
            }
        }
    };
}
