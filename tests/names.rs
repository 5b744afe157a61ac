//! Users may choose any names for their items, except names that begin with `__tramp`.
//!
//! Expansions and the runtime's macros stand in the user's own scope, where items and type parameters have no hygiene.
//! So this file has everything in scope that they, now or later, could mention without meaning it.

#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks,
    clashing_extern_declarations,
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unused_macros,
    reason = "a table of names"
)]

use std::sync::Mutex;

/// What C would define.
mod c {
    use super::*;
    use tramp_rt::UserData;

    type Call = unsafe extern "C" fn(i32) -> i32;
    static INSTALLED: Mutex<Option<Call>> = Mutex::new(None);

    #[unsafe(no_mangle)]
    unsafe extern "C" fn names_call(call: Option<Call>, n: i32) -> i32 {
        call.map_or(-1, |call| unsafe { call(n) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn names_call_both(first: Call, second: Call, n: i32) -> i32 {
        unsafe { first(second(n)) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn names_notify(
        call: unsafe extern "C" fn(UserData, i32) -> i32,
        data: UserData,
        destroy: unsafe extern "C" fn(UserData),
    ) -> i32 {
        let result = unsafe { call(data, 5) };
        unsafe { destroy(data) };
        result
    }

    #[unsafe(no_mangle)]
    extern "C" fn names_install(call: Option<Call>) -> Option<Call> {
        std::mem::replace(&mut *INSTALLED.lock().unwrap(), call)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn names_installed(n: i32) -> i32 {
        let installed = *INSTALLED.lock().unwrap();
        unsafe { names_call(installed, n) }
    }

    /// As large as each of the types below.
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub(super) struct Value(u64);

    #[unsafe(no_mangle)]
    unsafe extern "C" fn names_value(
        value: Value,
        change: unsafe extern "C" fn(Value, &Value) -> Value,
        by: &Value,
    ) -> Value {
        unsafe { change(value, by) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn names_value_by_data(
        value: Value,
        change: unsafe extern "C" fn(Value, UserData, &Value) -> Value,
        data: UserData,
    ) -> Value {
        unsafe { change(value, data, &value) }
    }

    #[unsafe(no_mangle)]
    extern "C" fn names_install_beside(_: Value, call: Option<Call>) -> Option<Call> {
        names_install(call)
    }
}

/// Handlers are the process's.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Every form. All paths are absolute, because any first segment may mean something else in the user's scope.
macro_rules! declarations {
    () => {
        use ::tramp_rt::trampoline;

        pub(super) struct Counter {
            total: i32,
        }

        #[trampoline]
        type Add = unsafe extern "C" fn(number: i32) -> i32;

        #[trampoline(direct = 1)]
        #[on_panic(return = -1, hook = dropped)]
        type Risky = extern "C" fn(number: i32) -> i32;

        fn dropped(payload: ::std::boxed::Box<dyn ::std::any::Any + ::std::marker::Send>) {
            ::std::mem::drop(payload);
        }

        #[trampoline]
        type Generic<A: ::std::marker::Copy> = unsafe extern "C" fn(a: A, b: &A) -> A;

        #[trampoline]
        pub(super) type Shown = unsafe extern "C" fn();

        #[trampoline]
        type Visit = unsafe extern "C" fn(their: ::tramp_rt::UserData, number: i32) -> i32;

        #[trampoline]
        extern "C" fn count(Counter { total }: &mut Counter, number: i32) -> i32 {
            *total += number;
            *total
        }

        #[trampoline]
        extern "C" fn both<A: ::std::marker::Copy + ::std::convert::Into<i32>>(mine: &(Counter, A), number: i32) -> i32 {
            mine.0.total + mine.1.into() + number
        }

        #[trampoline]
        extern "C" fn last(mine: Counter, number: i32) -> i32 {
            mine.total + number
        }

        #[repr(C)]
        pub(super) struct table {
            add: ::std::option::Option<unsafe extern "C" fn(number: i32) -> i32>,
            get: ::std::option::Option<unsafe extern "C" fn() -> i32>,
            bind: ::std::option::Option<unsafe extern "C" fn() -> i32>,
        }

        #[trampoline(ops = table)]
        impl Counter {
            extern "C" fn add(&mut self, number: i32) -> i32 {
                self.total += number;
                self.total
            }

            unsafe extern "C" fn get(&self) -> i32 {
                self.total
            }
        }

        #[trampoline]
        unsafe extern "C" {
            #[link_name = "names_call"]
            fn lent_it(it: impl ::std::ops::FnMut(i32) -> i32, number: i32) -> i32;

            #[link_name = "names_call"]
            fn lent_or_null_it(it: ::std::option::Option<impl ::std::ops::Fn(i32) -> i32>, _: i32) -> i32;

            #[link_name = "names_call_both"]
            fn lent_both_it(
                #[on_panic(return = -1)] one: impl ::std::ops::Fn(i32) -> i32,
                #[on_panic(return = -1)] two: impl ::std::ops::FnOnce(i32) -> i32,
                number: i32,
            ) -> i32;

            #[link_name = "names_call"]
            fn once_it(#[scope(async)] it: impl ::std::ops::FnOnce(i32) -> i32 + 'static, number: i32) -> i32;

            #[link_name = "names_call"]
            fn ever_it(
                #[scope(forever)] it: ::std::option::Option<
                    impl ::std::ops::Fn(i32) -> i32 + ::std::marker::Send + ::std::marker::Sync + 'static,
                >,
                number: i32,
            ) -> i32;

            #[link_name = "names_call"]
            fn owned_it(#[scope(owned)] it: impl ::std::ops::FnMut(i32) -> i32 + 'static, number: i32) -> i32;

            #[link_name = "names_call_both"]
            fn owned_both_it(
                #[scope(owned)] one: impl ::std::ops::Fn(i32) -> i32 + 'static,
                #[scope(owned)] two: impl ::std::ops::Fn(i32) -> i32 + 'static,
                number: i32,
            ) -> i32;

            #[link_name = "names_notify"]
            fn notified_it(
                #[scope(notified)] it: impl ::std::ops::FnMut(::tramp_rt::UserData, i32) -> i32 + 'static,
                their: ::tramp_rt::UserData,
                end: unsafe extern "C" fn(::tramp_rt::UserData),
            ) -> i32;

            #[restore]
            #[link_name = "names_install"]
            fn install_lent_it(
                it: impl ::std::ops::FnMut(i32) -> i32,
            ) -> ::std::option::Option<unsafe extern "C" fn(i32) -> i32>;

            #[restore]
            #[link_name = "names_install"]
            fn install_owned_it(
                #[scope(owned)] it: impl ::std::ops::Fn(i32) -> i32
                + ::std::marker::Send
                + ::std::marker::Sync
                + 'static,
            ) -> ::std::option::Option<unsafe extern "C" fn(i32) -> i32>;

            fn names_installed(number: i32) -> i32;
        }

    };
}

/// What is to come of them.
macro_rules! calls {
    () => {
        pub(super) fn run() {
            use ::tramp_rt::Trampoline as Made;

            let add = Made::<Add>::new(|n| n + 1).unwrap();
            assert_eq!(unsafe { (add.as_fn())(1) }, 2);
            let risky = Made::<Risky>::new(|n| 12 / n).unwrap().leak();
            assert_eq!((risky(4), risky(0)), (3, -1));
            let generic = Made::<Generic<i16>>::new(|a, b| a + b).unwrap();
            assert_eq!(unsafe { (generic.as_fn())(1, &2) }, 3);
            let (visit, their) = Made::<Visit>::local(|n| n + 4).unwrap().leak();
            assert_eq!(unsafe { visit(their, 1) }, 5);

            let counted = count::bind(Counter { total: 3 }).unwrap();
            assert_eq!(unsafe { ((counted.as_fn())(1), (counted.as_fn())(1)) }, (4, 5));
            let both = both::bind_local((Counter { total: 3 }, 4_i16)).unwrap();
            assert_eq!(unsafe { (both.as_fn())(1) }, 8);
            assert_eq!(unsafe { last::bind_local(Counter { total: 3 }).unwrap()(1) }, 4);

            let empty = table {
                add: ::std::option::Option::None,
                get: ::std::option::Option::None,
                bind: ::std::option::Option::None,
            };
            let made = Counter { total: 7 }.bind(empty).unwrap();
            let table = unsafe { &*made.as_ptr() };
            assert_eq!(unsafe { (table.add.unwrap()(1), table.get.unwrap()()) }, (8, 8));
            assert!(table.bind.is_none());

            let by = 10;
            unsafe {
                assert_eq!(lent_it(|n| by * n, 2), 20);
                assert_eq!(lent_or_null_it(::std::option::Option::Some(|n| by * n), 3), 30);
                assert_eq!(lent_or_null_it(::std::option::Option::None::<fn(_) -> _>, 3), -1);
                assert_eq!(lent_both_it(|n| by * n, |n| n + by, 4), 140);
                assert_eq!(once_it(move |n| by * n, 5), 50);
                assert_eq!(ever_it(::std::option::Option::Some(move |n| by * n), 6), 60);
                assert_eq!(owned_it(move |n| by * n, 7).0, 70);
                assert_eq!(owned_both_it(move |n| by * n, move |n| n + by, 8).0, 180);
                assert_eq!(notified_it(move |n| by * n), 50);

                let _turn = crate::INSTALLING.lock().unwrap_or_else(::std::sync::PoisonError::into_inner);
                let in_place = install_owned_it(move |n| by + n);
                assert_eq!(install_lent_it(|n| by * n, || names_installed(9)), 90);
                assert_eq!(names_installed(9), 19);
                drop(in_place);
                assert_eq!(names_installed(9), -1);
            }
        }
    };
}

macro_rules! forms {
    () => {
        declarations!();
        calls!();
    };
}

/// What expansions name, named once, or could name at their next change.
macro_rules! names {
    ($kind:ident) => {
        $kind! {
            F T K R S C X W P A0 INDEX HOOK VALUE DIRECT
            __F __T __K __R __INDEX __PANIC_HOOK
            arg0 arg1 f formatter entry data state ops body probe layout function result pending owner call callback closure
            slot handler thunk value binder bound bind_to with pointer declared pending_panic installed trampoline_of
            __arg0 __arg1 __formatter __entry __data __state __ops __body __probe __layout __function __result __pending
            __owner_call __owner_first __call __closure __slot __handler __thunk __panic_value __binder __bind __destroy
            Option Some None Result Ok Err Send Sync Copy Clone Debug Formatter Fn FnMut FnOnce Box PhantomData MaybeUninit
            ManuallyDrop Iterator Into Default Drop Sized
            usize isize bool u8 str
            Signature Accepts Callee Shared Exclusive Once Threads AnyThread ThisThread Trampoline Ops Installed CreateError
            Lent Notified Kept Lease Access PendingPanic Code Delivery Probe MappedCall DataCall Field Permits
            signature contained thunks destroyer enter_state created lend lend_nullable split
            bind bind_once bind_ops new new_mut once local local_mut local_once notified_nullable install replaced
            while_installed transmute null report enter_direct
            core std alloc tramp_rt __private marker mem ops_ option ptr clone fmt
        }
    };
}

macro_rules! as_type {
    ($($name:ident)*) => { $(type $name = ();)* };
}

mod as_type {
    names!(as_type);
    forms!();
}

macro_rules! as_braces {
    ($($name:ident)*) => { $(struct $name {})* };
}

mod as_braces {
    names!(as_braces);
    forms!();
}

macro_rules! as_unit {
    ($($name:ident)*) => { $(struct $name;)* };
}

mod as_unit {
    names!(as_unit);
    forms!();
}

macro_rules! as_tuple {
    ($($name:ident)*) => { $(struct $name(i32);)* };
}

mod as_tuple {
    names!(as_tuple);
    forms!();
}

macro_rules! as_enum {
    ($($name:ident)*) => { $(enum $name {})* };
}

mod as_enum {
    names!(as_enum);
    forms!();
}

macro_rules! as_trait {
    ($($name:ident)*) => { $(trait $name {})* };
}

mod as_trait {
    names!(as_trait);
    forms!();
}

macro_rules! as_const {
    ($($name:ident)*) => { $(const $name: i32 = 1;)* };
}

mod as_const {
    names!(as_const);
    forms!();
}

macro_rules! as_static {
    ($($name:ident)*) => { $(static $name: i32 = 1;)* };
}

mod as_static {
    names!(as_static);
    forms!();
}

macro_rules! as_function {
    ($($name:ident)*) => { $(fn $name() {})* };
}

mod as_function {
    names!(as_function);
    forms!();
}

macro_rules! as_macro {
    ($($name:ident)*) => { $(macro_rules! $name { () => {}; })* };
}

mod as_macro {
    names!(as_macro);
    forms!();
}

macro_rules! as_module {
    ($($name:ident)*) => { $(mod $name {})* };
}

mod as_module {
    names!(as_module);
    forms!();
}

/// Methods of every type, by value, which come before those that a type has by reference.
mod as_methods {
    #[allow(unused_imports, reason = "it is there to be taken for another")]
    use methods::Methods as _;

    declarations!();

    mod methods {
        pub(super) trait Methods: Sized {
            fn as_fn(self) {}
            fn as_ref(self) {}
            fn leak(self) {}
            fn give(self) {}
            fn state(self) {}
            fn entry(self) {}
            fn shared(self) {}
            fn alone(self) {}
            fn argument(self) {}
            fn field(self) {}
            fn finish(self) {}
            fn map(self) {}
            fn as_mut(self) {}
            fn borrow(self) {}
            fn deref(self) {}
            fn deref_mut(self) {}
            fn call(self) {}
            fn call_mut(self) {}
            fn call_once(self) {}
        }

        impl<T> Methods for T {}
    }

    pub(super) fn run() {
        calls::run();
    }

    mod calls {
        use super::{
            Add, Counter, Generic, Risky, Visit, both, count, ever_it, install_lent_it, install_owned_it, last,
            lent_both_it, lent_it, lent_or_null_it, names_installed, notified_it, once_it, owned_both_it, owned_it,
            table,
        };

        calls!();
    }
}

#[test]
fn methods_of_users_are_not_called() {
    as_methods::run();
    let made = tramp_rt::Trampoline::<as_methods::Shown>::new(|| ()).unwrap();
    assert!(format!("{:?}", as_methods::Shown(made.as_fn())).starts_with("Shown(0x"));
}

#[test]
fn names_of_items_in_scope_change_nothing() {
    as_type::run();
    as_braces::run();
    as_unit::run();
    as_tuple::run();
    as_enum::run();
    as_trait::run();
    as_const::run();
    as_static::run();
    as_function::run();
    as_macro::run();
    as_module::run();
}

/// Types that C passes, and their sizes, under the names of type and constant parameters.
macro_rules! values {
    ($($name:ident)*) => { $(
        mod $name {
            use std::ops::{Fn, FnMut};
            use tramp_rt::{Trampoline, UserData, trampoline};

            #[repr(C)]
            #[derive(Clone, Copy, Debug, PartialEq)]
            pub(super) struct $name(u64);

            mod sizes {
                pub(super) const $name: usize = 2;
            }

            #[trampoline]
            type Change = unsafe extern "C" fn(value: $name, by: &$name) -> $name;

            #[trampoline]
            type ChangeByData = unsafe extern "C" fn(their: UserData, value: $name, by: &$name) -> $name;

            #[trampoline]
            #[on_panic(return = $name(0))]
            type Risky<A> = unsafe extern "C" fn(value: $name, a: A) -> $name;

            #[trampoline]
            extern "C" fn change(mine: &mut $name, value: $name, by: &$name) -> $name {
                mine.0 += value.0 * by.0;
                *mine
            }

            #[repr(C)]
            pub(super) struct Table {
                change: Option<unsafe extern "C" fn(value: $name, by: &$name) -> $name>,
            }

            #[trampoline(ops = Table)]
            impl $name {
                extern "C" fn change(&mut self, value: $name, by: &$name) -> $name {
                    self.0 += value.0 * by.0;
                    *self
                }
            }

            #[trampoline]
            unsafe extern "C" {
                fn names_value(value: $name, change: impl FnMut($name, &$name) -> $name, by: &$name) -> $name;

                #[link_name = "names_value"]
                fn kept(
                    value: $name,
                    #[scope(owned)] change: impl Fn($name, &$name) -> $name + 'static,
                    by: &$name,
                ) -> $name;

                fn names_value_by_data(
                    value: $name,
                    change: impl FnMut($name, UserData, &$name) -> $name,
                    their: UserData,
                ) -> $name;

                #[restore]
                fn names_install_beside(
                    value: $name,
                    call: impl FnMut(i32) -> i32,
                ) -> Option<unsafe extern "C" fn(i32) -> i32>;

                fn names_installed(n: i32) -> i32;
            }

            pub(super) fn run() {
                let factor = 10;
                let larger = |value: $name, by: &$name| $name(factor * value.0 + by.0);
                let (one, two) = ($name(1), $name(2));

                let change = Trampoline::<Change>::new(move |value, by| $name(factor * value.0 + by.0)).unwrap();
                assert_eq!(unsafe { (change.as_fn())(one, &two) }, $name(12));
                let changed = |(change, their): (unsafe extern "C" fn(_, _, &_) -> _, _)| unsafe { change(their, one, &two) };
                assert_eq!(Trampoline::<ChangeByData>::scoped(larger, changed).unwrap(), $name(12));
                let risky = Trampoline::<Risky<u64>>::new(|value, a| $name(value.0 / a)).unwrap();
                assert_eq!(unsafe { ((risky.as_fn())(two, 2), (risky.as_fn())(two, 0)) }, (one, $name(0)));

                let changed = change::bind(one).unwrap();
                assert_eq!(unsafe { (changed.as_fn())(two, &two) }, $name(5));
                let ops = one.bind(Table { change: None }).unwrap();
                assert_eq!(unsafe { (*ops.as_ptr()).change.unwrap()(two, &two) }, $name(5));

                unsafe {
                    assert_eq!(names_value(one, larger, &two), $name(12));
                    assert_eq!(names_value_by_data(two, larger), $name(22));
                    assert_eq!(kept(one, move |value, by| $name(factor * value.0 + by.0), &two).0, $name(12));
                    let _turn = super::INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    assert_eq!(names_install_beside(one, |n| 2 * n, || names_installed(9)), 18);
                }
                sized::run();
            }

            /// The same name as a constant, in the length of an array.
            mod sized {
                use super::sizes::$name;
                use tramp_rt::{Trampoline, trampoline};

                #[trampoline]
                type Sum = unsafe extern "C" fn(values: &[i32; $name], more: &[i32; { $name + 1 }]) -> i32;

                #[trampoline]
                extern "C" fn sum(mine: &i32, values: &[i32; $name]) -> i32 {
                    mine + values.iter().sum::<i32>()
                }

                pub(super) fn run() {
                    let all = Trampoline::<Sum>::new(|values, more| values.iter().chain(more).sum()).unwrap();
                    assert_eq!(unsafe { (all.as_fn())(&[1, 2], &[3, 4, 5]) }, 15);
                    assert_eq!(unsafe { (sum::bind(10).unwrap().as_fn())(&[1, 2]) }, 13);
                }
            }
        }
    )* };
}

#[test]
fn types_and_constants_of_users_are_not_those_of_expansions() {
    macro_rules! run {
        ($($name:ident)*) => { $($name::run();)* };
    }
    parameters!(run);
}

macro_rules! parameters {
    ($then:ident) => {
        $then! { F T K R S X W P INDEX __F __T __K __R __INDEX entry data state probe layout }
    };
}
use parameters;

parameters!(values);

/// Parameters of users, of types, constants and lifetimes.
mod generic {
    use tramp_rt::{Trampoline, trampoline};

    #[trampoline]
    type Change<__F: Copy, __T, const __INDEX: usize> =
        unsafe extern "C" fn(value: __F, by: &__T, all: &[__F; __INDEX]) -> __F;

    #[trampoline]
    extern "C" fn change<T: Copy, __K, const INDEX: usize>(_: &(__K, T), value: T, all: &[T; INDEX]) -> T {
        if INDEX == 0 { value } else { all[0] }
    }

    #[trampoline]
    type Longest = for<'__bound, 'call> unsafe extern "C" fn(&'__bound i32, &'call i32) -> &'__bound i32;

    #[test]
    fn parameters_of_users_are_not_those_of_expansions() {
        let change_type = Trampoline::<Change<u8, i64, 2>>::new(|value, by, all| value + all[1] + u8::from(*by > 4));
        assert_eq!(unsafe { (change_type.unwrap().as_fn())(1, &5, &[2, 3]) }, 5);
        let changed = change::<u8, &str, 2>::bind(("", 1)).unwrap();
        assert_eq!(unsafe { (changed.as_fn())(1, &[2, 3]) }, 2);
        let longest = Trampoline::<Longest>::new(|one, _| one).unwrap();
        assert_eq!(unsafe { *(longest.as_fn())(&1, &2) }, 1);
    }
}

/// Parameters of functions, where a macro that declares them beside its own could give one the value of another.
mod parameters_of_functions {
    use tramp_rt::trampoline;

    macro_rules! handlers {
        ($($module:ident: $state:ident, $argument:ident;)*) => { $(
            mod $module {
                use super::*;

                #[trampoline]
                extern "C" fn alone($state: &mut i32, $argument: i32) -> i32 {
                    *$state += 1;
                    10 * *$state + $argument
                }

                #[trampoline]
                extern "C" fn shared($state: &i32, $argument: i32) -> i32 {
                    10 * *$state + $argument
                }

                #[trampoline]
                extern "C" fn once($state: i32, $argument: i32) -> i32 {
                    10 * $state + $argument
                }

                #[trampoline]
                unsafe extern "C" {
                    #[link_name = "names_call"]
                    fn call($state: impl FnMut(i32) -> i32, $argument: i32) -> i32;

                    #[link_name = "names_call"]
                    fn keep(#[scope(owned)] $state: impl Fn(i32) -> i32 + 'static, $argument: i32) -> i32;
                }

                #[test]
                fn each_has_its_own_value() {
                    unsafe {
                        assert_eq!((alone::bind(6).unwrap().as_fn())(1), 71);
                        assert_eq!((shared::bind(7).unwrap().as_fn())(1), 71);
                        assert_eq!(once::bind(7).unwrap()(1), 71);
                        assert_eq!(call(|n| 70 + n, 1), 71);
                        assert_eq!(keep(|n| 70 + n, 1).0, 71);
                    }
                }
            }
        )* };
    }

    handlers! {
        numbered: __arg0, __arg1;
        numbered_otherwise: __arg1, __arg0;
        named_as_locals: __function, __result;
        named_as_functions: alone, shared;
        named_as_more_functions: once, call;
        named_as_parts: body, function;
        named_as_owners: __owner_state, state;
    }
}
