//! Plugins, and libraries that are unloaded.
//!
//! A trampoline is code and data of the library or program that contains this crate. So there are two cases: your program
//! loads a plugin, or your crate *is* the plugin.
//!
//! # Your program loads a plugin
//!
//! The plugin gets pointers to your trampolines. Your program contains this crate, so unloading the plugin does the trampolines
//! no harm. Unload the plugin first, and drop the trampolines afterwards, because the plugin may call back until it is
//! unloaded. Rust drops the fields of a struct in the order of their declaration:
//!
//! ```
//! # struct Library;
//! # impl Library {
//! #     fn open(_: &str) -> Self { Self }
//! #     unsafe fn get(&self, _: &str) -> unsafe extern "C" fn(unsafe extern "C" fn(i32)) { set_listener }
//! # }
//! # unsafe extern "C" fn set_listener(listener: unsafe extern "C" fn(i32)) { unsafe { listener(7) } }
//! use tramp_rt::{CreateError, Trampoline};
//!
//! type Listener = unsafe extern "C" fn(code: i32);
//!
//! struct Plugin {
//!     library: Library, // dropped first: closes the library, and no call comes any more
//!     listener: Trampoline<Listener>,
//! }
//!
//! impl Plugin {
//!     fn load<F>(path: &str, listener: F) -> Result<Self, CreateError<F>>
//!     where
//!         F: FnMut(i32) + Send + 'static,
//!     {
//!         let library = Library::open(path);
//!         let listener = Trampoline::<Listener>::new_mut(listener)?;
//!         // SAFETY: it has this type, and the trampoline lives until the library is closed.
//!         unsafe { library.get("set_listener")(listener.as_fn()) };
//!         Ok(Self { library, listener })
//!     }
//! }
//!
//! let (sender, codes) = std::sync::mpsc::channel();
//! let plugin = Plugin::load("plugin.so", move |code| drop(sender.send(code)))?;
//! # let _ = (&plugin.library, &plugin.listener);
//! drop(plugin);
//! assert_eq!(codes.iter().collect::<Vec<_>>(), [7]);
//! # Ok::<(), tramp_rt::Error>(())
//! ```
//!
//! If the plugin has threads, its own function for shutting down must end them before the library is closed.
//!
//! # Your crate is the plugin
//!
//! A `cdylib` that a C program opens with `dlopen` and closes with `dlclose` contains the closures, the thunks and the handlers.
//! When the system unloads it, this code is gone:
//!
//! * **A call of a trampoline crashes**, and there is no message, because the function that prints it is gone too. glibc may
//!   delay the unloading until the threads end that created trampolines. So a late call may work in a test and crash later.
//! * **Leaked trampolines are no exception.** “For the rest of the process” means: for as long as the library is loaded. That
//!   concerns `leak`, `#[scope(forever)]`, and closures of `once` and `async` that C has not called yet.
//! * **Mapped tables and their slots stay mapped**, because the crate cannot know that nobody calls them. A library that is
//!   loaded again maps new ones.
//!
//! So do one of these:
//!
//! * **Unregister every pointer** in the function that the host calls before it unloads the plugin, and drop the trampolines
//!   there. Do not use `leak`, `once` and `forever` for pointers that the host keeps.
//! * **Forbid unloading.** Then `dlclose` keeps the library in memory. With GNU ld, LLD and other linkers for ELF, put this
//!   into the `build.rs` of the plugin:
//!
//!   ```no_run
//!   println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
//!   ```
//!
//! # Several libraries with this crate
//!
//! Each library or program that contains this crate has tables and slots of its own, and different versions can be in one
//! process. They share nothing. Let the library that created a trampoline also drop it.
