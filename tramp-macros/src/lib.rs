//! The attribute macro of [`tramp-rt`], which reexports it: use it from there.
//!
//! [`tramp-rt`]: https://docs.rs/tramp-rt

#![forbid(unsafe_code)]

use proc_macro2::TokenStream;
use syn::{ForeignItemFn, Item, Result};

mod args;
mod callback;
mod callback_type;
mod cfg;
mod check;
mod errors;
mod expand;
mod extern_block;
mod generics;
mod handler;
mod on_panic;
mod ops;
#[cfg(test)]
mod tests;

use crate::args::Args;
use crate::callback_type::CallbackType;
use crate::errors::Errors;
use crate::extern_block::ExternBlock;
use crate::handler::Handler;
use crate::ops::Ops;

/// Puts Rust closures where C takes function pointers.
///
/// | It stands on                        | and makes                                                               |
/// |-------------------------------------|-------------------------------------------------------------------------|
/// | [an `extern` block](#extern-blocks) | functions that take closures, and give C pointers to them               |
/// | [a `type`](#callback-types)         | a named signature, with lifetimes in it, for `Trampoline::<Name>::new`  |
/// | [an `extern fn`](#handlers)         | a handler: Rust binds its first parameter, C passes the others          |
///
/// The closures run in place: C's arguments are not copied, and no code is made at run time.
///
/// # Extern blocks
///
/// A parameter `impl Fn(…)`, `impl FnMut(…)` or `impl FnOnce(…)` stands for a function pointer of the block's calling
/// convention. What is in the block without one stays as it is.
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use tramp_rt::trampoline;
///
/// #[trampoline]
/// unsafe extern "C" {
///     /// Sorts `count` elements of `size` bytes at `base`.
///     fn qsort(
///         base: *mut c_void,
///         count: usize,
///         size: usize,
///         compare: impl FnMut(*const c_void, *const c_void) -> c_int,
///     );
/// }
///
/// let mut numbers = [3, 1, 2];
/// let mut comparisons = 0;
/// unsafe {
///     qsort(numbers.as_mut_ptr().cast(), numbers.len(), size_of::<i32>(), |a, b| {
///         comparisons += 1;
///         let (a, b) = (*a.cast::<i32>(), *b.cast::<i32>());
///         a.cmp(&b) as c_int
///     });
/// }
/// assert_eq!(numbers, [1, 2, 3]);
/// assert!(comparisons >= 2);
/// ```
///
/// becomes, but for full paths and a hidden type in place of `Compare`:
///
/// ```
/// # use std::ffi::{c_int, c_void};
/// # use tramp_rt::Trampoline;
/// type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
///
/// /// Sorts `count` elements of `size` bytes at `base`.
/// ///
/// /// # Panics
/// ///
/// /// If no trampoline can be created for a closure.
/// #[track_caller]
/// unsafe fn qsort(
///     base: *mut c_void,
///     count: usize,
///     size: usize,
///     compare: impl FnMut(*const c_void, *const c_void) -> c_int,
/// ) {
///     let function = {
///         unsafe extern "C" {
///             fn qsort(base: *mut c_void, count: usize, size: usize, compare: Compare);
///         }
///         qsort
///     };
///     Trampoline::<Compare>::scoped_mut(compare, |compare| unsafe { function(base, count, size, compare) })
///         .unwrap_or_else(|failed| panic!("no trampoline could be created: {failed}"))
/// }
/// # let mut numbers = [3, 1, 2];
/// # unsafe { qsort(numbers.as_mut_ptr().cast(), 3, 4, |a, b| (*a.cast::<i32>()).cmp(&*b.cast::<i32>()) as c_int) };
/// # assert_eq!(numbers, [1, 2, 3]);
/// ```
///
/// ## How long C keeps the pointer, and who calls it
///
/// The bounds of a closure say it, and with it which constructor of `Trampoline` makes the pointer:
///
/// | bounds                  | C calls it                             | `Fn`     | `FnMut`      | `FnOnce`      |
/// |-------------------------|----------------------------------------|----------|--------------|---------------|
/// | none                    | before the C function returns          | `scoped` | `scoped_mut` | `scoped_once` |
/// | `'static`               | for ever, from the calling thread      | `local`  | `local_mut`  | `local_once`  |
/// | `Send + 'static`        | for ever, from any thread              |          | `new_mut`    | `once`        |
/// | `Send + Sync + 'static` | for ever, from several threads at once | `new`    |              |               |
///
/// A kept closure is never freed, except that an `FnOnce` frees itself when it was called. To free one when it has been
/// unregistered, declare the parameter as a [callback type](#callback-types) and own the `Trampoline`.
///
/// ## Safety
///
/// The function is `unsafe` to call unless it is declared a `safe fn`. Who declares it so, or calls it, promises besides
/// all that the C function asks for:
///
/// * C calls a closure only for as long as its bounds say, and with valid arguments.
/// * C calls a closure without `'static` on the calling thread; if it is `Send`, on one thread at a time; and if it is an
///   `Fn` that is `Sync`, on any.
///
/// ## Panics
///
/// The function panics if no trampoline can be created, which takes exhausted memory or a system without mapped tables.
/// `Trampoline`'s own constructors return an error instead.
///
/// # Callback types
///
/// A signature gets a name. It needs one if lifetimes are bound in it, as in every signature with a `&`.
///
/// ```
/// use std::ffi::c_int;
/// use tramp_rt::{Trampoline, trampoline};
///
/// #[repr(C)]
/// pub struct Entry {
///     size: u64,
/// }
///
/// #[trampoline]
/// pub type Filter = unsafe extern "C" fn(entry: &Entry) -> c_int;
///
/// let least = 100;
/// let large = Trampoline::<Filter>::new(move |entry| (entry.size >= least).into())?;
///
/// // A C function would be declared `fn scan(filter: Option<Filter>)` and called `scan(Some(filter))`.
/// let filter = Filter(large.as_fn());
/// assert_eq!(unsafe { filter.0(&Entry { size: 200 }) }, 1);
/// # Ok::<(), tramp_rt::Error>(())
/// ```
///
/// The alias becomes a type of the same layout, and a signature with it:
///
/// ```
/// # use std::ffi::c_int;
/// # #[repr(C)]
/// # pub struct Entry { size: u64 }
/// #[repr(transparent)]
/// #[derive(Clone, Copy, Debug)]
/// pub struct Filter(pub unsafe extern "C" fn(entry: &Entry) -> c_int);
///
/// // unsafe impl Signature for Filter { … }
/// ```
///
/// The pointer inside is `unsafe` to call even if the alias is not: only a leaked trampoline cannot be gone, and
/// `Trampoline::leak` gives the pointer as declared.
///
/// # Handlers
///
/// The first parameter of a handler is its state, and C passes the others.
///
/// ```
/// use std::ffi::c_int;
/// use tramp_rt::{Trampoline, trampoline};
///
/// #[derive(Default)]
/// struct Log {
///     codes: Vec<c_int>,
/// }
///
/// #[trampoline]
/// extern "C" fn on_event(log: &mut Log, code: c_int) -> usize {
///     log.codes.push(code);
///     log.codes.len()
/// }
///
/// let handler = on_event::bind(Log::default())?;
/// let pointer: unsafe extern "C" fn(c_int) -> usize = handler.as_fn();
/// assert_eq!(unsafe { (pointer(4), pointer(2)) }, (1, 2));
/// # Ok::<(), tramp_rt::CreateError<Log>>(())
/// ```
///
/// How the handler takes its state decides what it is bound to. The state comes back in the error if no trampoline can
/// be created.
///
/// | first parameter     | `bind(state)` gives                    | called                   | `State` must be |
/// |---------------------|----------------------------------------|--------------------------|-----------------|
/// | `state: &mut State` | `Trampoline<on_event>`                 | by one thread at a time  | `Send`          |
/// | `state: &State`     | `Trampoline<on_event>`                 | by several at once       | `Send + Sync`   |
/// | `state: State`      | a pointer, which needs no owner        | once                     | `Send`          |
///
/// With `bind_local` only the thread that binds the state may call, and the state need be none of it.
///
/// The function becomes a type of the same name, which has no values:
///
/// ```
/// # use std::ffi::c_int;
/// # use tramp_rt::{CreateError, ThisThread, Trampoline};
/// # #[derive(Default)]
/// # struct Log { codes: Vec<c_int> }
/// # #[allow(non_camel_case_types)]
/// struct on_event {}
///
/// // unsafe impl Signature for on_event { … }, of which the pointer is `unsafe extern "C" fn(code: c_int) -> usize`
/// # tramp_rt::__private::signature! {
/// #     generics: [] [];
/// #     type: on_event;
/// #     pointer: unsafe extern "C" fn(c_int) -> usize;
/// #     declared: extern "C" fn(c_int) -> usize;
/// #     direct: 0;
/// #     fn: for<> extern "C" fn(code: c_int,) -> usize;
/// # }
///
/// impl on_event {
///     fn bind(log: Log) -> Result<Trampoline<on_event>, CreateError<Log>>
///     where
///         Log: Send + 'static,
///     {
///         // Trampoline::new_mut(move |code| on_event(&mut log, code)), and `log` back if that fails
/// #       tramp_rt::__private::bind(log, |mut log| {
/// #           tramp_rt::__private::new_mut::<Self, _>(move |code| { log.codes.push(code); log.codes.len() })
/// #       })
///     }
///
///     fn bind_local(log: Log) -> Result<Trampoline<on_event, ThisThread>, CreateError<Log>> {
///         // Trampoline::local_mut(move |code| on_event(&mut log, code)), and `log` back if that fails
/// #       tramp_rt::__private::bind(log, |mut log| {
/// #           tramp_rt::__private::local_mut::<Self, _>(move |code| { log.codes.push(code); log.codes.len() })
/// #       })
///     }
/// }
/// # assert_eq!(unsafe { on_event::bind(Log::default()).unwrap().as_fn()(1) }, 1);
/// # assert_eq!(unsafe { on_event::bind_local(Log::default()).unwrap().as_fn()(1) }, 1);
/// ```
///
/// # Everywhere
///
/// * Any calling convention: `"C"`, `"system"`, `"C-unwind"` (through which panics may leave a closure), …
/// * Types and handlers may have type and constant parameters, with bounds.
/// * Parameters may have a `#[cfg(…)]`, except the state of a handler.
///
/// # Arguments
///
/// * `direct = N`: how many direct thunks to compile for each closure type, from 0 to 8. As many live closures of one
///   type can be called without a jump; each thunk takes a few dozen bytes of code.
/// * `crate = path`: where to find `tramp-rt`, if not at `::tramp_rt`. For macros and renamed dependencies.
///
/// ```
/// # mod ffi { pub use tramp_rt as runtime; }
/// # use tramp_rt::trampoline;
/// #[trampoline(crate = crate::ffi::runtime, direct = 1)]
/// type OnExit = extern "C" fn();
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn trampoline(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    transform(args.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn transform(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut errors = Errors::default();
    let args = Args::parse(args, &mut errors);
    let form = Form::parse(syn::parse2(item)?, &mut errors);
    if let Some(form) = &form {
        check::check(form, &args, &mut errors);
    }
    errors.finish()?;
    Ok(form.map(|form| expand::expand(&form, &args)).unwrap_or_default())
}

/// An item that the attribute can stand on.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Form {
    ExternBlock(ExternBlock),
    CallbackType(CallbackType),
    Handler(Handler),
    Ops(Ops),
}

impl Form {
    /// Nothing if `item` has none of the forms, which `errors` then tells.
    fn parse(item: Item, errors: &mut Errors) -> Option<Self> {
        match item {
            Item::ForeignMod(block) => Some(Self::ExternBlock(ExternBlock::parse(block, errors))),
            Item::Type(alias) => CallbackType::parse(alias, errors).map(Self::CallbackType),
            Item::Fn(function) => Handler::parse(function, errors).map(Self::Handler),
            Item::Impl(block) => Ops::parse(block, errors).map(Self::Ops),
            Item::Verbatim(declaration) if syn::parse2::<ForeignItemFn>(declaration.clone()).is_ok() => {
                errors.at(declaration, "`#[trampoline]` stands on the whole `extern` block; move it there");
                None
            }
            other => {
                errors.at(
                    other,
                    "`#[trampoline]` stands on an `extern` block, a `type`, an `extern \"C\" fn` with a body, or an `impl`",
                );
                None
            }
        }
    }
}
