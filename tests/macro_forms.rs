//! Every form of `#[trampoline]`. C's side really calls each closure, through its C function pointer.
//!
//! The C functions of the `extern` blocks are also written here, in Rust, under the names that the blocks declare.

#![deny(warnings)] // generated code causes no warnings
#![allow(clippy::undocumented_unsafe_blocks, reason = "each test calls what it declares, as it declares it")]

extern crate tramp_rt as renamed;

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use tramp_rt::{AnyThread, CreateError, ThisThread, Trampoline, UserData, trampoline};

/// Counts how often it is dropped.
struct Dropped<'a>(&'a AtomicUsize);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Form A: `extern` blocks.
mod extern_blocks {
    use super::*;

    // What C would define.
    mod c {
        use super::*;

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_each(count: c_int, visit: unsafe extern "C" fn(c_int) -> c_int) -> c_int {
            (0..count).map(|n| unsafe { visit(n) }).sum()
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_once(run: unsafe extern "C" fn()) {
            unsafe { run() }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_two(
            first: unsafe extern "C" fn(c_int) -> c_int,
            value: c_int,
            second: unsafe extern "C" fn(c_int) -> c_int,
        ) -> c_int {
            unsafe { second(first(value)) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_greater<'a>(
            a: &'a c_int,
            b: &'a c_int,
            measure: unsafe extern "C" fn(&c_int) -> c_int,
        ) -> &'a c_int {
            if unsafe { measure(a) >= measure(b) } { a } else { b }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_pick(
            pick: for<'a, 'b> unsafe extern "C" fn(&'a c_int, &'b c_int) -> &'a c_int,
            sink: &mut c_int,
        ) {
            *sink = *unsafe { pick(&1, &2) };
        }

        static KEPT: Mutex<Option<unsafe extern "C" fn(c_int) -> c_int>> = Mutex::new(None);

        #[unsafe(no_mangle)]
        extern "C" fn forms_keep(callback: unsafe extern "C" fn(c_int) -> c_int) {
            *KEPT.lock().unwrap() = Some(callback);
        }

        #[unsafe(no_mangle)]
        extern "C" fn forms_call_kept(value: c_int) -> c_int {
            let callback = KEPT.lock().unwrap().unwrap();
            unsafe { callback(value) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C-unwind" fn forms_unwind(run: unsafe extern "C-unwind" fn(c_int)) {
            unsafe { run(1) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C-unwind" fn forms_never(run: unsafe extern "C-unwind" fn()) -> ! {
            unsafe { run() };
            panic!("never");
        }

        #[unsafe(no_mangle)]
        unsafe extern "C-unwind" fn forms_never_back(run: unsafe extern "C-unwind" fn() -> !) {
            unsafe { run() };
        }

        #[unsafe(no_mangle)]
        unsafe extern "system" fn forms_system(run: unsafe extern "system" fn(f64) -> f64) -> f64 {
            unsafe { run(1.5) }
        }

        #[unsafe(no_mangle)]
        extern "C" fn forms_conditional(
            #[cfg(not(windows))] with: unsafe extern "C" fn() -> c_int,
            #[cfg(windows)] without: unsafe extern "C" fn() -> c_int,
            value: c_int,
        ) -> c_int {
            #[cfg(windows)]
            let with = without;
            unsafe { with() + value }
        }

        #[unsafe(no_mangle)]
        extern "C" fn forms_plain(a: c_int) -> c_int {
            a + 1
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn r#match(r#type: unsafe extern "C" fn(c_int)) {
            unsafe { r#type(5) }
        }
    }

    #[trampoline]
    unsafe extern "C" {
        /// Documented.
        #[must_use]
        pub(crate) fn forms_each(count: c_int, visit: impl FnMut(c_int) -> c_int) -> c_int;
        #[link_name = "forms_each"]
        fn shared(_: c_int, _: impl Fn(c_int) -> c_int) -> c_int;
        fn forms_once(run: impl FnOnce());
        unsafe fn forms_two(first: impl Fn(c_int) -> c_int, value: c_int, second: impl FnMut(c_int) -> c_int) -> c_int;
        safe fn forms_greater<'a>(a: &'a c_int, b: &'a c_int, measure: impl Fn(&c_int) -> c_int) -> &'a c_int;
        safe fn forms_pick(pick: impl for<'a, 'b> Fn(&'a c_int, &'b c_int) -> &'a c_int, sink: &mut c_int);
        safe fn forms_plain(a: c_int) -> c_int;
        fn r#match(r#type: impl FnMut(c_int));
    }

    #[test]
    fn borrows_for_the_call() {
        let mut seen = Vec::new();
        let sum = unsafe {
            forms_each(3, |n| {
                seen.push(n);
                n * 10
            })
        };
        assert_eq!((sum, seen), (30, vec![0, 1, 2]));

        let seen = RefCell::new(0);
        let sum = unsafe {
            shared(4, |n| {
                *seen.borrow_mut() += 1;
                n
            })
        };
        assert_eq!((sum, seen.into_inner()), (6, 4));
    }

    #[test]
    fn runs_once_by_value() {
        let drops = AtomicUsize::new(0);
        let owned = Dropped(&drops);
        unsafe { forms_once(move || drop(owned)) };
        assert_eq!(drops.into_inner(), 1);
    }

    #[test]
    fn takes_several() {
        let offset = 3;
        let mut calls = 0;
        let result = unsafe {
            forms_two(
                |n| n + offset,
                10,
                |n| {
                    calls += 1;
                    n * 2
                },
            )
        };
        assert_eq!((result, calls), (26, 1));
    }

    #[test]
    fn is_safe_when_declared_so() {
        let calls = Cell::new(0);
        let greater = forms_greater(&4, &11, |n| {
            calls.set(calls.get() + 1);
            n % 10
        });
        assert_eq!((*greater, calls.get()), (4, 2));
        assert_eq!(forms_plain(1), 2);
    }

    #[test]
    fn returns_a_borrowed_argument() {
        let mut picked = 0;
        forms_pick(|a, _| a, &mut picked);
        assert_eq!(picked, 1);
    }

    #[test]
    fn takes_raw_identifiers() {
        let mut seen = 0;
        unsafe { r#match(|n| seen = n) };
        assert_eq!(seen, 5);
    }

    /// These are one test, because they share what C keeps.
    #[test]
    #[cfg_attr(feature = "suite", ignore = "it keeps more closures for ever than there are direct slots")]
    fn is_kept() {
        #[trampoline]
        unsafe extern "C" {
            #[link_name = "forms_keep"]
            safe fn keep_once(#[scope(async)] callback: impl FnOnce(c_int) -> c_int + Send + 'static);
            #[link_name = "forms_keep"]
            safe fn keep(#[scope(forever)] callback: impl Fn(c_int) -> c_int + Send + Sync + 'static);
            #[link_name = "forms_keep"]
            safe fn keep_mut(#[scope(forever)] callback: impl FnMut(c_int) -> c_int + Send + 'static);
            #[link_name = "forms_keep"]
            safe fn keep_once_here(#[scope(async)] callback: impl FnOnce(c_int) -> c_int + 'static);
            #[link_name = "forms_keep"]
            safe fn keep_here(#[scope(forever)] callback: impl Fn(c_int) -> c_int + 'static);
            #[link_name = "forms_keep"]
            safe fn keep_mut_here(#[scope(forever)] callback: impl 'static + FnMut(c_int) -> c_int);
            safe fn forms_call_kept(value: c_int) -> c_int;
        }
        static DROPS: AtomicUsize = AtomicUsize::new(0);
        let call_elsewhere = |value| std::thread::spawn(move || forms_call_kept(value)).join().unwrap();

        let owned = Dropped(&DROPS);
        keep_once(move |n| {
            let _owned = owned;
            n + 1
        });
        assert_eq!(DROPS.load(Ordering::SeqCst), 0);
        assert_eq!(call_elsewhere(1), 2);
        assert_eq!(DROPS.load(Ordering::SeqCst), 1);

        let owned = Dropped(&DROPS);
        keep(move |n| n + c_int::from(owned.0.load(Ordering::SeqCst) == 1));
        assert_eq!((call_elsewhere(1), forms_call_kept(2)), (2, 3));

        let (mut count, owned) = (0, Dropped(&DROPS));
        keep_mut(move |n| {
            let _ = &owned;
            count += n;
            count
        });
        assert_eq!((call_elsewhere(1), forms_call_kept(2)), (1, 3));

        let count = Rc::new(Cell::new(0));
        let shared = count.clone();
        keep_here(move |n| {
            shared.set(shared.get() + n);
            shared.get()
        });
        assert_eq!((forms_call_kept(2), forms_call_kept(3), count.get()), (2, 5, 5));

        let (mut own, shared) = (0, count.clone());
        keep_mut_here(move |n| {
            own += n;
            shared.set(own);
            own
        });
        assert_eq!((forms_call_kept(2), forms_call_kept(3), count.get()), (2, 5, 5));

        let shared = count.clone();
        keep_once_here(move |n| shared.get() + n);
        assert_eq!(Rc::strong_count(&count), 4);
        assert_eq!(forms_call_kept(2), 7);
        assert_eq!(Rc::strong_count(&count), 3, "the `FnOnce` is gone, the others are kept for ever");
        assert_eq!(DROPS.load(Ordering::SeqCst), 1);
    }

    #[trampoline]
    unsafe extern "C-unwind" {
        fn forms_unwind(run: impl FnMut(c_int));
        fn forms_never(run: impl FnOnce()) -> !;
        fn forms_never_back(run: impl FnOnce() -> !);
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn unwinds() {
        let drops = AtomicUsize::new(0);
        let owned = Dropped(&drops);
        let panicked = catch_unwind(AssertUnwindSafe(|| unsafe {
            forms_unwind(|n| {
                let _ = &owned;
                std::panic::resume_unwind(Box::new(n));
            });
        }));
        assert_eq!(*panicked.unwrap_err().downcast::<c_int>().unwrap(), 1);
        drop(owned);
        assert_eq!(drops.into_inner(), 1);
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn never_returns() {
        let mut ran = false;
        let panicked = catch_unwind(AssertUnwindSafe(|| unsafe {
            forms_never(|| {
                ran = true;
                std::panic::resume_unwind(Box::new("callback"));
            })
        }));
        assert_eq!((*panicked.unwrap_err().downcast::<&str>().unwrap(), ran), ("callback", true));
        let panicked = catch_unwind(|| unsafe { forms_never_back(|| std::panic::resume_unwind(Box::new("never"))) });
        assert_eq!(*panicked.unwrap_err().downcast::<&str>().unwrap(), "never");
    }

    #[trampoline]
    unsafe extern "system" {
        fn forms_system(run: impl Fn(f64) -> f64) -> f64;
    }

    #[test]
    fn has_the_convention_of_its_block() {
        let factor = 2.0;
        assert_eq!(unsafe { forms_system(|x| x * factor) }.to_bits(), 3.0_f64.to_bits());
    }

    #[trampoline]
    unsafe extern "C" {
        safe fn forms_conditional(
            #[cfg(not(windows))] with: impl FnOnce() -> c_int,
            #[cfg(windows)] without: impl FnOnce() -> c_int,
            value: c_int,
        ) -> c_int;
    }

    #[test]
    fn takes_conditional_parameters() {
        let ten = 10;
        assert_eq!(forms_conditional(|| ten, 1), 11);
    }

    #[test]
    fn a_parameter_may_be_named_as_its_function() {
        #[trampoline]
        unsafe extern "C" {
            fn forms_each(forms_each: c_int, visit: impl FnMut(c_int) -> c_int) -> c_int;
            #[cfg_attr(all(), link_name = "forms_once", doc = "Both.")]
            fn run(run: impl FnOnce());
        }
        assert_eq!(unsafe { forms_each(3, |n| n) }, 3);
        let mut ran = false;
        unsafe { run(|| ran = true) };
        assert!(ran);
    }

    #[test]
    fn comes_out_of_a_macro() {
        macro_rules! declare {
            ($abi:literal $($name:ident($($arg:ident: $ty:ty),*) -> $output:ty;)*) => {
                #[trampoline]
                unsafe extern $abi { $(fn $name($($arg: $ty),*) -> $output;)* }
            };
        }
        declare! { "C" forms_each(count: c_int, visit: impl FnMut(c_int) -> c_int) -> c_int; }
        assert_eq!(unsafe { forms_each(3, |n| n) }, 3);
    }

    #[test]
    #[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
    fn compiles_as_many_direct_thunks_as_asked() {
        macro_rules! with {
            ($direct:literal) => {{
                #[trampoline(direct = $direct)]
                unsafe extern "C" {
                    fn forms_each(count: c_int, visit: impl FnMut(c_int) -> c_int) -> c_int;
                }
                // Nested loans take more slots than any `direct`.
                fn nest(depth: c_int) -> c_int {
                    unsafe { forms_each(1, |_| if depth == 0 { 1 } else { 1 + nest(depth - 1) }) }
                }
                assert_eq!((nest(0), nest(20)), (1, 21));
            }};
        }
        with!(0);
        with!(1);
        with!(8);
    }
}

/// Form B: callback types.
mod callback_types {
    use super::*;

    pub(crate) struct Entry(c_int);

    /// Documented.
    #[trampoline]
    pub(crate) type Filter = unsafe extern "C" fn(entry: &Entry) -> c_int;

    /// What C would do.
    fn select(entries: &[Entry], filter: Option<Filter>) -> usize {
        entries.iter().filter(|entry| filter.is_none_or(|filter| unsafe { (filter.0)(entry) } != 0)).count()
    }

    #[test]
    fn owns_what_it_captures() {
        let least = Box::new(2);
        let filter = Trampoline::<Filter>::new(move |entry| c_int::from(entry.0 >= *least)).unwrap();
        let entries = [Entry(1), Entry(2), Entry(3)];
        assert_eq!(select(&entries, Some(Filter(filter.as_fn()))), 2);
        assert_eq!(select(&entries, None), 3);
        assert_eq!(size_of::<Option<Filter>>(), size_of::<*const ()>());
        assert_eq!(format!("{:?}", Filter(filter.as_fn())), format!("Filter({:?})", filter.as_fn()));
    }

    #[test]
    fn serves_every_owner() {
        let entry = Entry(4);
        let call = |filter: unsafe extern "C" fn(&Entry) -> c_int| unsafe { filter(&entry) };

        let mut calls = 0;
        let doubled = Trampoline::<Filter>::scoped_mut(
            |entry| {
                calls += 1;
                entry.0 * 2
            },
            |filter| call(filter) + call(filter),
        );
        assert_eq!((doubled.unwrap(), calls), (16, 2));

        let calls = Cell::new(0);
        let local: Trampoline<Filter, ThisThread> = Trampoline::<Filter>::local(move |entry| {
            calls.set(calls.get() + 1);
            entry.0 + calls.get()
        })
        .unwrap();
        assert_eq!((call(local.as_fn()), call(local.as_fn())), (5, 6));

        let text = String::from("four");
        let once = Trampoline::<Filter>::once(move |entry| entry.0 + c_int::try_from(text.into_bytes().len()).unwrap());
        assert_eq!(call(once.unwrap()), 8);

        let leaked = Trampoline::<Filter>::new_mut(|entry| entry.0).unwrap().leak();
        assert_eq!(call(leaked), 4);
    }

    #[trampoline]
    type Safe = extern "C" fn(&c_int) -> c_int;

    #[test]
    fn is_safe_once_leaked() {
        let leaked: extern "C" fn(&c_int) -> c_int = Trampoline::<Safe>::new(|n| n + 1).unwrap().leak();
        assert_eq!(leaked(&1), 2);
    }

    #[trampoline]
    #[allow(improper_ctypes_definitions, reason = "Rust calls it")]
    type Choose = for<'a, 'b> unsafe extern "C" fn(&'a str, &'b str, Pair<'a, 'b>) -> Either<'a, 'b>;

    #[repr(C)]
    pub(crate) struct Pair<'a, 'b>(&'a c_int, &'b c_int);

    #[repr(C)]
    #[derive(Debug, PartialEq)]
    pub(crate) enum Either<'a, 'b> {
        A(&'a c_int),
        B(&'b c_int),
    }

    #[test]
    fn binds_several_lifetimes() {
        let choose = Trampoline::<Choose>::new(|_, _, pair| match *pair.0 {
            1 => Either::A(pair.0),
            _ => Either::B(pair.1),
        })
        .unwrap();
        let choose = |a, b| unsafe { choose.as_fn()("", "", Pair(a, b)) };
        assert_eq!((choose(&1, &2), choose(&3, &4)), (Either::A(&1), Either::B(&4)));
    }

    #[trampoline]
    type Elided = unsafe extern "C" fn(&mut [u8; 4], usize) -> &mut u8;

    #[test]
    fn elides_the_result_s_lifetime() {
        let at = Trampoline::<Elided>::new(|bytes, index| &mut bytes[index]).unwrap();
        let mut bytes = *b"tram";
        *unsafe { at.as_fn()(&mut bytes, 2) } = b'e';
        assert_eq!(&bytes, b"trem");
    }

    #[trampoline]
    type Visit<T, U = c_int, const N: usize = 2>
    where
        U: Copy,
    = unsafe extern "C" fn(&T, &[U; N]) -> U;

    #[test]
    fn is_generic() {
        struct NotClone;
        let visit = Trampoline::<Visit<String>>::new(|text, numbers| numbers[text.len()]).unwrap();
        assert_eq!(unsafe { visit.as_fn()(&"x".into(), &[3, 4]) }, 4);
        let visit = Trampoline::<Visit<u8, f64, 1>>::new(|n, [x]| x * f64::from(*n)).unwrap();
        assert!((unsafe { visit.as_fn()(&2, &[1.5]) } - 3.0).abs() < f64::EPSILON);
        let named: Visit<NotClone> = Visit(Trampoline::<Visit<NotClone>>::new(|_, _| 1).unwrap().leak());
        let copied = named;
        assert_eq!(unsafe { (copied.0)(&NotClone, &[1, 2]) + (named.0)(&NotClone, &[1, 2]) }, 2);
    }

    #[trampoline]
    type Conditional =
        unsafe extern "C" fn(#[cfg(windows)] handle: usize, #[cfg(not(windows))] fd: c_int, &c_int) -> c_int;

    #[test]
    #[cfg(not(windows))]
    fn takes_conditional_parameters() {
        let add = Trampoline::<Conditional>::new(|fd, n| fd + n).unwrap();
        assert_eq!(unsafe { add.as_fn()(1, &2) }, 3);
    }

    #[trampoline(direct = 0)]
    type Mapped = unsafe extern "C" fn(&c_int) -> c_int;
    #[trampoline(direct = 8)]
    type Direct = unsafe extern "C" fn(&c_int) -> c_int;
    #[trampoline]
    type Seventeen = unsafe extern "C" fn(
        u8,
        u16,
        u32,
        u64,
        i8,
        i16,
        i32,
        i64,
        f32,
        f64,
        &u8,
        *const u8,
        &u16,
        bool,
        u8,
        u16,
        &u32,
    ) -> f64;

    #[test]
    #[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
    fn compiles_as_many_direct_thunks_as_asked() {
        let mapped = Trampoline::<Mapped>::new(|n| n + 1).unwrap();
        let direct = Trampoline::<Direct>::new(|n| n + 1).unwrap();
        assert_eq!(unsafe { (mapped.as_fn()(&1), direct.as_fn()(&1)) }, (2, 2));
        assert!(!mapped.is_direct());
    }

    #[test]
    #[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
    fn takes_more_arguments_than_a_plain_pointer() {
        let all: Vec<_> = (0..40)
            .map(|extra| {
                let extra = f64::from(extra);
                Trampoline::<Seventeen>::new(move |a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q| {
                    assert!(d == 4 && h == 8 && l.is_null() && n);
                    let small = f64::from(a) + f64::from(b) + f64::from(c) + f64::from(e) + f64::from(f) + f64::from(g);
                    let rest = f64::from(*k) + f64::from(*m) + f64::from(o) + f64::from(p) + f64::from(*q);
                    small + f64::from(i) + j + rest + extra
                })
                .unwrap()
            })
            .collect();
        for (extra, trampoline) in (0..).zip(&all) {
            let call = trampoline.as_fn();
            let sum = unsafe { call(1, 2, 3, 4, 5, 6, 7, 8, 9.0, 10.0, &11, std::ptr::null(), &13, true, 15, 16, &17) };
            assert!((sum - f64::from(115 + extra)).abs() < f64::EPSILON, "{sum}");
        }
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn has_a_value_for_panics_that_may_be_generic() {
        trait Failure {
            const VALUE: Self;
        }
        impl Failure for c_int {
            const VALUE: Self = -1;
        }
        impl Failure for f64 {
            const VALUE: Self = 0.5;
        }
        #[trampoline]
        #[on_panic(return = R::VALUE)]
        type Compute<A, R: Failure> = unsafe extern "C" fn(&A) -> R;
        fn panics<R>(_: &Entry) -> R {
            std::panic::resume_unwind(Box::new(1))
        }
        let compute = Trampoline::<Compute<Entry, c_int>>::new(panics).unwrap();
        assert_eq!(unsafe { compute.as_fn()(&Entry(1)) }, -1);
        let compute = Trampoline::<Compute<Entry, f64>>::new(panics).unwrap();
        assert_eq!(unsafe { compute.as_fn()(&Entry(1)) }.to_bits(), 0.5_f64.to_bits());
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn has_a_value_for_panics_with_the_lifetime_of_an_argument() {
        #[trampoline]
        #[on_panic(return = None)]
        type Find = unsafe extern "C" fn(&Entry, c_int) -> Option<&c_int>;
        #[trampoline]
        #[on_panic(return = None)]
        type FindWithData = unsafe extern "C" fn(Tag<'_>, data: UserData) -> Option<&c_int>;
        #[trampoline]
        #[on_panic(return = None)]
        extern "C" fn find(_state: u8, entry: &Entry) -> Option<&c_int> {
            if entry.0 == 0 { std::panic::resume_unwind(Box::new(1)) } else { Some(&entry.0) }
        }
        #[repr(transparent)]
        struct Tag<'a>(&'a c_int);

        fn or_panic(found: &c_int) -> Option<&c_int> {
            if *found == 0 { std::panic::resume_unwind(Box::new(1)) } else { Some(found) }
        }
        let by_type = Trampoline::<Find>::new(|entry, _| or_panic(&entry.0)).unwrap();
        let by_type = by_type.as_fn();
        assert_eq!(unsafe { (by_type(&Entry(3), 1), by_type(&Entry(0), 1)) }, (Some(&3), None));
        let with_data = Trampoline::<FindWithData>::new(|tag| or_panic(tag.0)).unwrap();
        let (function, data) = with_data.as_fn();
        assert_eq!(unsafe { (function(Tag(&3), data), function(Tag(&0), data)) }, (Some(&3), None));
        assert_eq!(unsafe { find::bind(0).unwrap()(&Entry(3)) }, Some(&3));
        assert_eq!(unsafe { find::bind(0).unwrap()(&Entry(0)) }, None);
    }

    #[test]
    fn comes_out_of_a_macro() {
        macro_rules! declare {
            ($name:ident = $ty:ty) => {
                #[trampoline]
                type $name = $ty;
            };
        }
        declare! { Callback = unsafe extern "C" fn(&c_int) -> c_int }
        let callback = Trampoline::<Callback>::new(|n| n + 1).unwrap();
        assert_eq!(unsafe { callback.as_fn()(&1) }, 2);
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn is_called_by_the_system_s_convention() {
        #[trampoline]
        type System = unsafe extern "system" fn(&c_int) -> c_int;
        #[trampoline]
        type Unwinding = unsafe extern "C-unwind" fn(&c_int) -> !;
        #[trampoline]
        type Default = unsafe extern "C" fn();
        let system = Trampoline::<System>::new(|n| n + 1).unwrap();
        assert_eq!(unsafe { system.as_fn()(&1) }, 2);
        let unwinding = Trampoline::<Unwinding>::new(|n| std::panic::resume_unwind(Box::new(*n))).unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| unsafe { unwinding.as_fn()(&3) }));
        assert_eq!(*panicked.unwrap_err().downcast::<c_int>().unwrap(), 3);
        let default = Trampoline::<Default>::new(|| {}).unwrap();
        let _: unsafe extern "C" fn() = default.as_fn();
    }
}

/// Form C: handlers.
mod handlers {
    use super::*;

    #[derive(Default)]
    pub(crate) struct Log {
        lines: Vec<String>,
        _dropped: Option<Dropped<'static>>,
    }

    /// Keeps lines.
    #[trampoline]
    #[allow(improper_ctypes_definitions, reason = "Rust calls it")]
    pub(crate) extern "C" fn on_line(log: &mut Log, line: &CStr) -> c_int {
        log.lines.push(line.to_str().unwrap().into());
        c_int::try_from(log.lines.len()).unwrap()
    }

    #[test]
    #[cfg_attr(target_family = "wasm", ignore = "there are no threads")]
    fn owns_mutable_state() {
        static DROPS: AtomicUsize = AtomicUsize::new(0);
        let log = Log { _dropped: Some(Dropped(&DROPS)), ..Log::default() };
        // A handler is no value, so a variable can have its name.
        let on_line: Trampoline<on_line, AnyThread> = on_line::bind(log).unwrap();
        let pointer: unsafe extern "C" fn(&CStr) -> c_int = on_line.as_fn();
        assert_eq!(unsafe { (pointer(c"a"), pointer(c"b")) }, (1, 2));
        assert_eq!(std::thread::spawn(move || unsafe { on_line.as_fn()(c"c") }).join().unwrap(), 3);
        assert_eq!(DROPS.load(Ordering::SeqCst), 1);
    }

    #[trampoline]
    extern "C" fn lookup<'a>((names, hits): &(Vec<i32>, AtomicI32), index: &'a usize, default: &'a i32) -> &'a i32 {
        hits.fetch_add(1, Ordering::SeqCst);
        if names.get(*index).is_some() { &7 } else { default }
    }

    #[test]
    fn shares_state() {
        let bound = lookup::bind((vec![1], AtomicI32::new(0))).unwrap();
        let leaked: for<'a> extern "C" fn(&'a usize, &'a i32) -> &'a i32 = bound.leak();
        assert_eq!((leaked(&0, &1), leaked(&1, &2)), (&7, &2));
    }

    #[test]
    fn lends_mutable_state() {
        static DROPS: AtomicUsize = AtomicUsize::new(0);
        let mut log = Log { _dropped: Some(Dropped(&DROPS)), ..Log::default() };
        let counts = on_line::scoped(&mut log, |on_line| unsafe { (on_line(c"a"), on_line(c"b")) });
        assert_eq!(counts.unwrap(), (1, 2));
        log.lines.push("ours again".into());
        let count: Result<c_int, tramp_rt::Error> = on_line::scoped(&mut log, |on_line| unsafe { on_line(c"c") });
        assert_eq!((count.unwrap(), DROPS.load(Ordering::SeqCst)), (4, 0));
        assert_eq!(log.lines, ["a", "b", "ours again", "c"]);
    }

    #[test]
    #[cfg_attr(target_family = "wasm", ignore = "there are no threads")]
    fn lends_state_to_other_threads() {
        let state = (vec![1], AtomicI32::new(0));
        let calls = lookup::scoped_any(&state, |lookup| {
            let call = || assert_eq!(unsafe { lookup(&0, &1) }, &7);
            std::thread::scope(|scope| (0..4).for_each(|_| _ = scope.spawn(call)));
            state.1.load(Ordering::SeqCst) // what is shared can be read meanwhile
        });
        assert_eq!(calls.unwrap(), 4);
        let mut log = Log { lines: vec![], _dropped: None };
        let count = on_line::scoped_any(&mut log, |on_line| {
            std::thread::scope(|scope| scope.spawn(|| unsafe { on_line(c"there") }).join().unwrap())
        });
        assert_eq!((count.unwrap(), &log.lines[..]), (1, &["there".to_owned()][..]));
    }

    #[test]
    fn lends_state_of_this_thread_that_borrows() {
        let counter = Rc::new(Cell::new(1));
        let sum = read::scoped(&counter, |read| {
            let read = || unsafe { read() };
            (read(), counter.set(5), read())
        });
        assert_eq!(sum.unwrap(), (1, (), 5));
    }

    #[trampoline]
    unsafe extern "C" fn finish(text: String, out: *mut usize) {
        unsafe { *out = text.len() };
    }

    #[test]
    fn consumes_state_once() {
        let finish: unsafe extern "C" fn(*mut usize) = finish::bind("four".into()).unwrap();
        let mut length = 0;
        unsafe { finish(&raw mut length) };
        assert_eq!(length, 4);
    }

    #[trampoline]
    extern "C" fn count(counter: &mut Rc<Cell<i32>>, by: i32) -> i32 {
        counter.set(counter.get() + by);
        counter.get()
    }

    #[trampoline]
    extern "C" fn read(counter: &Rc<Cell<i32>>) -> i32 {
        counter.get()
    }

    #[trampoline]
    extern "C" fn take(counter: Rc<Cell<i32>>) -> i32 {
        counter.take()
    }

    #[test]
    fn binds_to_this_thread_without_send() {
        let counter = Rc::new(Cell::new(0));
        let count: Trampoline<count, ThisThread> = count::bind_local(counter.clone()).unwrap();
        let read: Result<_, CreateError<Rc<Cell<i32>>>> = read::bind_local(counter.clone());
        let take = take::bind_local(counter.clone()).unwrap();
        assert_eq!(unsafe { (count.as_fn()(2), count.as_fn()(3), read.unwrap().as_fn()()) }, (2, 5, 5));
        assert_eq!((unsafe { take() }, counter.get()), (5, 0));
        drop(count);
        assert_eq!(Rc::strong_count(&counter), 1);
    }

    trait Sink {
        fn put(&mut self, value: u8);
    }

    impl Sink for Vec<u8> {
        fn put(&mut self, value: u8) {
            self.push(value);
        }
    }

    #[trampoline]
    extern "C" fn feed<T: Sink, U, const N: usize>(sink: &mut (T, [U; N]), value: &U, out: &mut u8) -> usize
    where
        U: Clone + Into<u8>,
    {
        sink.0.put(value.clone().into());
        sink.1[0] = value.clone();
        *out = sink.1[0].clone().into();
        N
    }

    #[test]
    fn is_generic() {
        let sink = feed::<Vec<u8>, u8, 3>::bind((Vec::new(), [0; 3])).unwrap();
        let mut out = 0;
        assert_eq!((unsafe { sink.as_fn()(&5, &mut out) }, out), (3, 5));
        let inferred = feed::bind((Vec::new(), [false])).unwrap();
        assert_eq!((unsafe { inferred.as_fn()(&true, &mut out) }, out), (1, 1));
    }

    #[trampoline]
    extern "C" fn conditional(
        base: &i32,
        #[cfg(not(windows))] n: i32,
        #[cfg(windows)] n: i64,
        #[allow(unused, reason = "for the test")] unused: u8,
    ) -> i64 {
        i64::from(*base) + i64::from(n)
    }

    #[test]
    fn takes_conditional_parameters() {
        let conditional = conditional::bind(1).unwrap();
        assert_eq!(unsafe { conditional.as_fn()(2, 0) }, 3);
    }

    #[trampoline]
    extern "C" fn r#loop(r#loop: &i32, r#in: i32) -> i32 {
        if r#in == 0 { *r#loop } else { self::factorial(r#in) }
    }

    fn factorial(n: i32) -> i32 {
        (1..=n).product()
    }

    #[test]
    fn takes_raw_identifiers() {
        let r#loop = r#loop::bind(7).unwrap();
        assert_eq!(unsafe { (r#loop.as_fn()(0), r#loop.as_fn()(4)) }, (7, 24));
    }

    #[test]
    fn stands_in_a_function() {
        const STEP: i32 = 2;
        #[trampoline]
        extern "C" fn sum(total: &mut i32, depth: i32) -> i32 {
            if depth == 0 {
                *total
            } else {
                *total += STEP;
                sum(total, depth - 1) // the function itself, as Rust
            }
        }
        let sum = sum::bind(1).unwrap();
        assert_eq!(unsafe { (sum.as_fn()(3), sum.as_fn()(0)) }, (7, 7));
    }

    #[trampoline]
    extern "C-unwind" fn fail(message: &&'static str) -> ! {
        std::panic::resume_unwind(Box::new(*message))
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn unwinds() {
        let fail = fail::bind("message").unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| unsafe { fail.as_fn()() }));
        assert_eq!(*panicked.unwrap_err().downcast::<&str>().unwrap(), "message");
    }

    mod inner {
        use super::*;

        #[trampoline]
        #[deprecated = "for the test"]
        #[inline(never)]
        #[allow(clippy::trivially_copy_pass_by_ref, reason = "for the test")]
        pub(super) extern "C" fn old(state: &u8) -> u8 {
            *state
        }
    }

    #[test]
    #[allow(deprecated, reason = "that is what it tests")]
    fn keeps_visibility_and_attributes() {
        let old = inner::old::bind(9).unwrap();
        assert_eq!(unsafe { old.as_fn()() }, 9);
    }
}

/// Every part that a macro can give comes in the group that `macro_rules!` puts around it.
mod parts_of_macros {
    use super::*;

    mod c {
        use super::*;

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_maybe(count: c_int, visit: Option<unsafe extern "C" fn(c_int) -> c_int>) -> c_int {
            visit.map_or(0, |visit| (0..count).map(|n| unsafe { visit(n) }).sum())
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_notified(
            run: unsafe extern "C" fn(UserData, c_int) -> c_int,
            data: UserData,
            destroy: unsafe extern "C" fn(UserData),
        ) -> c_int {
            unsafe {
                let result = run(data, 20);
                destroy(data);
                result
            }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_replaced(
            _: Option<unsafe extern "C" fn(c_int)>,
        ) -> Option<unsafe extern "C" fn(c_int)> {
            None
        }
    }

    mod ffi {
        #[repr(C)]
        pub(crate) struct Ops<T> {
            pub(crate) add: Option<unsafe extern "C" fn(T) -> T>,
        }
    }

    pub(crate) struct State(c_int);

    macro_rules! forms {
        (
            $crate_path:path, $direct:expr, $ops:path, $ops_type:ty, $abi:literal, $visibility:vis,
            $int:ty, $never:ty, $data:ty, $closure:ty, $nullable:ty, $trait:path, $destroy:ty, $handler:ty, $state:ty,
            $name:ident, $lifetime:lifetime, $scope:meta, $on_panic:meta, $value:expr, $body:block
        ) => {
            #[trampoline(crate = $crate_path, direct = $direct)]
            unsafe extern $abi {
                fn forms_each(count: $int, visit: impl $trait) -> $int;
                safe fn forms_maybe(count: $int, visit: $nullable) -> $int;
                $visibility fn forms_notified(
                    #[$scope] #[on_panic(return = $value)] run: $closure,
                    data: $data,
                    destroy: $destroy,
                ) -> $int;
                #[restore]
                fn forms_replaced(handler: impl Fn($int)) -> $handler;
                #[allow(dead_code, reason = "it need not be called")]
                fn forms_exit(at: impl Fn() -> $never) -> $never;
            }
            #[trampoline(crate = $crate_path)]
            #[$on_panic]
            type Borrow = for<$lifetime> unsafe extern $abi fn(&$lifetime $int) -> Option<&$lifetime $int>;
            #[trampoline(direct = $direct)]
            #[on_panic(return = $value)]
            $visibility extern $abi fn $name(state: $state, by: $int) -> $int {
                state.0 += by;
                state.0
            }
            #[trampoline(ops = $ops)]
            impl State {
                extern $abi fn add(&self, by: $int) -> $int {
                    self.0 + by
                }
            }
            #[trampoline(ops = $ops_type)]
            impl State2 {
                #[on_panic(return = $value)]
                extern $abi fn add(&self, _by: $int) -> $int $body
            }
        };
    }

    type Plain = ffi::Ops<c_int>;
    pub(crate) struct State2;

    forms! {
        crate::renamed, 2, Plain, ffi::Ops<c_int>, "C", pub(crate),
        c_int, !, UserData, impl FnMut(UserData, c_int) -> c_int + 'static, Option<impl Fn(c_int) -> c_int>,
        FnMut(c_int) -> c_int, unsafe extern "C" fn(UserData), Option<unsafe extern "C" fn(c_int)>, &mut State,
        add_to, 'entry, scope(notified), on_panic(return = None), -1, { 7 }
    }

    #[test]
    fn are_seen_through() {
        let mut sum = 0;
        let visit = |n| {
            sum += n;
            sum
        };
        assert_eq!(unsafe { forms_each(3, visit) }, 4);
        assert_eq!(forms_maybe(3, Some(|n| n)), 3);
        assert_eq!(unsafe { forms_notified(|n| n + 1) }, 21);
        assert_eq!(unsafe { forms_replaced(|_| (), || 5) }, 5);
        let borrow = Trampoline::<Borrow>::new(|entry| Some(entry)).unwrap();
        assert_eq!(unsafe { borrow.as_fn()(&2) }, Some(&2));
        let adding = add_to::bind(State(1)).unwrap();
        assert_eq!(unsafe { adding.as_fn()(2) }, 3);
        let call = |ops: *mut Plain| unsafe { (*ops).add.unwrap()(2) };
        assert_eq!(call(State(1).bind(Plain { add: None }).unwrap().as_ptr()), 3);
        assert_eq!(call(State2.bind(Plain { add: None }).unwrap().as_ptr()), 7);
    }

    macro_rules! items {
        ($($item:item)*) => { $(#[trampoline] $item)* };
    }

    items! {
        unsafe extern "C" {
            #[link_name = "forms_each"]
            fn by_item(count: c_int, visit: impl FnMut(c_int) -> c_int) -> c_int;
        }

        type ByItem = unsafe extern "C" fn(&c_int) -> c_int;

        extern "C" fn item(state: &mut c_int, by: c_int) -> c_int {
            *state + by
        }
    }

    #[test]
    fn may_be_the_item() {
        assert_eq!(unsafe { by_item(3, |n| n) }, 3);
        assert_eq!(unsafe { Trampoline::<ByItem>::new(|n| *n).unwrap().as_fn()(&3) }, 3);
        assert_eq!(unsafe { item::bind(1).unwrap().as_fn()(3) }, 4);
    }
}

/// C's names do not follow Rust's style, and one function may be declared for several kinds of closures. No lint
/// complains, as none does in a plain block.
#[warn(missing_docs, missing_debug_implementations, unreachable_pub)]
pub mod names_of_c {
    use super::*;

    #[allow(non_snake_case, reason = "they are C's")]
    mod c {
        use super::*;

        #[unsafe(no_mangle)]
        unsafe extern "C" fn formsSetErrorHandler(cbFun: unsafe extern "C" fn(c_int), userData: UserData) {
            let _ = userData;
            unsafe { cbFun(7) }
        }

        #[unsafe(no_mangle)]
        #[allow(clippy::too_many_arguments, reason = "so has C")]
        unsafe extern "C" fn FormsMany(
            A: c_int,
            B: c_int,
            C: c_int,
            D: c_int,
            E: c_int,
            F: c_int,
            G: c_int,
            Callback: unsafe extern "C" fn(c_int),
        ) {
            unsafe { Callback(A + B + C + D + E + F + G) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn forms_listen(on_key: unsafe extern "C" fn(c_int), on_click: unsafe extern "C" fn(c_int)) {
            unsafe {
                on_key(1);
                on_click(2);
            }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn FormsNotify(
            cbFun: unsafe extern "C" fn(UserData, c_int),
            userData: UserData,
            destroyFun: unsafe extern "C" fn(UserData),
        ) {
            unsafe {
                cbFun(userData, 3);
                destroyFun(userData);
            }
        }
    }

    #[trampoline]
    unsafe extern "C" {
        /// Documented.
        pub fn formsSetErrorHandler(#[scope(owned)] cbFun: impl Fn(c_int) + 'static, userData: *mut u8);
        /// Documented.
        pub fn forms_listen(
            #[scope(owned)] on_key: impl Fn(c_int) + 'static,
            #[scope(owned)] on_click: impl Fn(c_int) + 'static,
        );
        /// Documented.
        pub fn FormsMany(
            A: c_int,
            B: c_int,
            C: c_int,
            D: c_int,
            E: c_int,
            F: c_int,
            G: c_int,
            Callback: impl Fn(c_int),
        );
        fn FormsNotify(
            #[scope(notified)] cbFun: impl FnMut(UserData, c_int) + 'static,
            userData: UserData,
            destroyFun: unsafe extern "C" fn(UserData),
        );
    }

    mod again {
        #[super::trampoline]
        unsafe extern "C" {
            pub(super) fn formsSetErrorHandler(cbFun: impl FnMut(&u8) -> u8, userData: *mut u8);
            #[link_name = "formsSetErrorHandler"]
            pub(super) fn nullable(cbFun: Option<impl FnMut(u32)>, userData: *mut u8);
        }
    }

    #[test]
    fn are_no_lint_s_business() {
        let sum = Rc::new(Cell::new(0));
        let adding = || {
            let sum = Rc::clone(&sum);
            move |n: c_int| sum.set(sum.get() + n)
        };
        unsafe {
            drop(formsSetErrorHandler(adding(), std::ptr::null_mut()));
            FormsMany(1, 2, 3, 4, 5, 6, 7, adding());
            FormsNotify(adding());
            drop(forms_listen(adding(), adding()));
            again::nullable(Some(|n: u32| sum.set(sum.get() + c_int::try_from(n).unwrap())), std::ptr::null_mut());
        }
        assert_eq!(sum.get(), 7 + 28 + 3 + (1 + 2) + 7);
        let _ = |function: fn(&u8) -> u8| unsafe { again::formsSetErrorHandler(function, std::ptr::null_mut()) };
    }
}

/// Names in scope that generated code must not refer to.
#[allow(dead_code, non_camel_case_types, non_upper_case_globals, reason = "they are there to be in the way")]
mod hostile {
    mod core {}
    mod std {}
    mod tramp_rt {}
    struct Result;
    struct Option;
    struct Trampoline;
    struct CreateError;
    struct AnyThread;
    struct MaybeUninit;
    struct Signature;
    pub(crate) struct F;
    pub(crate) struct T(i32);
    struct K;
    struct S;
    struct A0;
    trait Send {}
    trait Sync {}
    trait Fn {}
    trait Clone {}
    trait Copy {}
    struct slot;
    struct claimed;
    struct closure;
    const a0: () = ();
    const result: () = ();
    const error: () = ();
    const formatter: () = ();
    fn created() {}
    fn bind() {}
    const value: i32 = 7;
    fn handler(_: ::std::boxed::Box<dyn ::std::any::Any + ::std::marker::Send>) {}
    fn thunk() {}
    fn probe() {}
    #[allow(unused_macros, reason = "it is there to be in the way")]
    macro_rules! signature {
        () => {};
    }

    #[super::trampoline]
    unsafe extern "C" {
        fn forms_each(count: i32, visit: impl FnMut(i32) -> i32) -> i32;
        #[link_name = "forms_each"]
        fn kept(count: i32, #[scope(forever)] visit: impl FnMut(i32) -> i32 + ::std::marker::Send + 'static) -> i32;
    }

    #[super::trampoline]
    #[on_panic(return = value, hook = handler)]
    type Callback = unsafe extern "C" fn(&T, *const F) -> i32;

    #[repr(C)]
    pub(crate) struct ops<T> {
        entry: ::std::option::Option<unsafe extern "C" fn(&T) -> i32>,
        state: ::std::option::Option<unsafe extern "C" fn(*const F)>,
    }

    #[super::trampoline(ops = ops::<T>)]
    impl T {
        extern "C" fn entry(&self, t: &T) -> i32 {
            self.0 + t.0
        }
        #[on_panic(return, hook = handler)]
        extern "C" fn state(&mut self, _: *const F) {
            self.0 += 1;
        }
    }

    #[super::trampoline]
    type Generic<F, T> = unsafe extern "C" fn(&F, *const T) -> i32;

    #[super::trampoline]
    extern "C" fn on_event<T>(state: &mut T, by: &i32) -> i32
    where
        T: ::std::ops::AddAssign<i32> + ::std::convert::Into<i32> + ::std::marker::Copy,
    {
        *state += *by;
        (*state).into()
    }

    #[test]
    #[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
    fn means_none_of_them() {
        assert_eq!(unsafe { forms_each(3, |n| n) }, 3);
        assert_eq!(unsafe { kept(3, |n| n) }, 3);
        let callback = ::tramp_rt::Trampoline::<Callback>::new(|t, _| t.0).unwrap();
        assert_eq!(unsafe { callback.as_fn()(&T(4), ::std::ptr::null()) }, 4);
        let panics =
            ::tramp_rt::Trampoline::<Callback>::new(|_, _| ::std::panic::resume_unwind(::std::boxed::Box::new(1)));
        assert_eq!(unsafe { panics.unwrap().as_fn()(&T(4), ::std::ptr::null()) }, value);
        let ops = T(1).bind(ops { entry: ::std::option::Option::None, state: ::std::option::Option::None }).unwrap();
        let (entry, state) = unsafe { ((*ops.as_ptr()).entry.unwrap(), (*ops.as_ptr()).state.unwrap()) };
        unsafe { state(::std::ptr::null()) };
        assert_eq!(unsafe { entry(&T(3)) }, 5);
        let generic = ::tramp_rt::Trampoline::<Generic<i32, u8>>::new(|n, _| *n).unwrap();
        assert_eq!(unsafe { generic.as_fn()(&4, ::std::ptr::null()) }, 4);
        let on_event = on_event::bind(1).unwrap();
        assert_eq!(unsafe { on_event.as_fn()(&4) }, 5);
    }
}

/// The runtime under another name.
mod renamed_runtime {
    use super::*;

    pub(crate) mod reexport {
        pub(crate) use tramp_rt as runtime;
    }

    #[trampoline(crate = self::reexport::runtime)]
    unsafe extern "C" {
        fn forms_once(run: impl FnOnce());
    }

    #[trampoline(crate = reexport::runtime, direct = 1,)]
    type Callback = unsafe extern "C" fn(&c_char) -> c_int;

    #[trampoline(direct = 1, crate = crate::renamed_runtime::reexport::runtime)]
    extern "C" fn on_event(count: &mut c_int) -> c_int {
        *count += 1;
        *count
    }

    #[repr(C)]
    struct Ops {
        add: unsafe extern "C" fn(c_int) -> c_int,
    }

    struct Sum(c_int);

    #[trampoline(crate = self::reexport::runtime, ops = self::Ops, direct = 0)]
    impl Sum {
        #[on_panic(return = -1)]
        extern "C" fn add(&mut self, n: c_int) -> c_int {
            self.0 = self.0.checked_add(n).expect("a small sum");
            self.0
        }
    }

    unsafe extern "C" fn none(_: c_int) -> c_int {
        0
    }

    #[trampoline(crate = ::renamed)]
    extern "C" fn on_other_event(count: &mut c_int) -> c_int {
        *count += 2;
        *count
    }

    #[test]
    #[cfg_attr(feature = "suite", ignore = "there are direct slots alone")]
    fn is_found() {
        let mut ran = false;
        unsafe { forms_once(|| ran = true) };
        assert!(ran);
        let callback = Trampoline::<Callback>::new(|c| c_int::from(*c)).unwrap();
        assert_eq!(unsafe { callback.as_fn()(&3) }, 3);
        let (on_event, on_other_event) = (on_event::bind(0).unwrap(), on_other_event::bind(0).unwrap());
        assert_eq!(unsafe { on_event.as_fn()() + on_other_event.as_fn()() }, 3);
        let sum = Sum(1).bind(Ops { add: none }).unwrap();
        let add = unsafe { (*sum.as_ptr()).add };
        assert_eq!(unsafe { (add(2), add(c_int::MAX), add(3)) }, (3, -1, 6));
    }
}

/// What happens if no trampoline can be created. Each case has a process of its own.
#[cfg(all(target_os = "linux", not(feature = "suite")))] // there are direct slots alone
mod no_room {
    use std::process::exit;
    use std::sync::atomic::AtomicU32;

    use tramp_test_support::Occupant;

    use super::*;

    #[trampoline(direct = 0)]
    extern "C" fn by_reference(text: &mut String) {
        text.clear();
    }

    #[trampoline(direct = 0)]
    extern "C" fn by_value(text: String) {
        drop(text);
    }

    #[repr(C)]
    struct Ops {
        first: Option<unsafe extern "C" fn()>,
        second: Option<unsafe extern "C" fn()>,
    }

    struct State(String);

    #[trampoline(ops = Ops, direct = 0)]
    impl State {
        extern "C" fn first(&mut self) {
            self.0.clear();
        }
        extern "C" fn second(&mut self) {
            self.0.clear();
        }
    }

    /// A struct with a field that C does not know.
    #[repr(C)]
    struct Named {
        first: Option<unsafe extern "C" fn()>,
        second: Option<unsafe extern "C" fn()>,
        name: String,
    }

    /// Its entries may use every direct slot.
    struct Direct(String);

    #[trampoline(ops = Named, direct = 8)]
    impl Direct {
        extern "C" fn first(&self) {}
        extern "C" fn second(&mut self) {
            self.0.clear();
        }
    }

    #[trampoline(direct = 0)]
    unsafe extern "C" {
        fn forms_once(run: impl FnOnce());
    }

    /// Prevents all further mappings while `test` runs.
    fn without_address_space<T>(test: impl FnOnce() -> T) -> T {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) }, 0);
        let none = libc::rlimit { rlim_cur: 0, ..limit };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const none) }, 0);
        let result = test();
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
        result
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "nothing unwinds")]
    fn gives_the_state_back_or_panics_where_it_was_called() {
        const CHILD: &str = "TRAMP_TEST_NO_ROOM";
        static PANIC_LINE: AtomicU32 = AtomicU32::new(0);
        if std::env::var_os("TRAMP_TEST_RUNNER").is_some() {
            println!("gives_the_state_back_or_panics_where_it_was_called: skipped, an emulator has no kernel's limits");
            return;
        }
        if std::env::var_os(CHILD).is_none() {
            let child = tramp_test_support::alone("no_room::gives_the_state_back_or_panics_where_it_was_called")
                .env(CHILD, "1")
                .output()
                .unwrap();
            let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
            assert!(child.status.success(), "{}\n{out}\n{err}", child.status);
            return;
        }

        let text = || String::from("state");

        // The first of two entries gets the last direct slot, and no slot is left for the second.
        let mut occupied: Vec<_> =
            (0..tramp_rt::__private::DIRECT_MAX).map(|_| Trampoline::<Occupant>::new(|| ()).unwrap()).collect();
        assert!(occupied.pop().unwrap().is_direct());
        let named = Named { first: None, second: None, name: "struct".into() };
        let failed = without_address_space(|| Direct(text()).bind(named)).unwrap_err();
        let (state, named) = failed.closure;
        assert_eq!((state.0, named.name), ("state".into(), "struct".into()));
        assert!(named.first.is_none() && named.second.is_none(), "no pointer to what is gone");
        assert!(Trampoline::<Occupant>::new(|| ()).unwrap().is_direct(), "its slot is free");
        drop(occupied);

        let failed = without_address_space(|| by_reference::bind(text())).unwrap_err();
        assert_eq!(failed.closure, "state");
        let failed = without_address_space(|| by_value::bind(failed.closure)).unwrap_err();
        assert_eq!(failed.closure, "state");
        let failed = without_address_space(|| by_reference::bind_local(failed.closure)).unwrap_err();
        assert_eq!(failed.closure, "state");

        let ops = || Ops { first: None, second: None };
        let failed = without_address_space(|| State(text()).bind(ops())).unwrap_err();
        assert_eq!(failed.closure.0.0, "state");

        std::panic::set_hook(Box::new(|panic| PANIC_LINE.store(panic.location().unwrap().line(), Ordering::SeqCst)));
        let line = line!() + 1;
        let call = AssertUnwindSafe(|| unsafe { forms_once(|| panic!("called")) });
        let panicked = without_address_space(|| catch_unwind(call)).unwrap_err();
        let message = panicked.downcast::<String>().unwrap();
        assert!(message.starts_with("no trampoline could be created: "), "{message}");
        assert_eq!(PANIC_LINE.load(Ordering::SeqCst), line);

        let mut ran = false;
        unsafe { forms_once(|| ran = true) };
        assert!(ran, "there is room again");
        exit(0);
    }
}
