//! Runs Lua scripts on a budget of instructions, which stops those that would never end.
//!
//! ```sh
//! cargo run -p lua -- 'while true do end' 'return 6 * 7'
//! ```
//!
//! Lua's hook gets the state and what happened: no user data. Here it is a closure that owns the budget of its state.
//!
//! # Errors that jump
//!
//! `lua_error` leaves the hook by `longjmp(3)`, over the frames of the closure and of the trampoline. Rust allows it if
//! nothing in those frames waits to be dropped. So the closure keeps nothing that needs a drop, and it is an `Fn`: the
//! frame of an `FnMut` waits to say that the call is over.

use std::cell::Cell;
use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_int};
use std::process::ExitCode;
use std::ptr::NonNull;
use std::rc::Rc;

use mlua_sys as ffi;
use tramp_rt::{ThisThread, Trampoline};

/// How many instructions pass between two looks at the budget.
const STEP: c_int = 100;

struct Lua {
    state: NonNull<ffi::lua_State>,
    left: Rc<Cell<u64>>,
    hook: Trampoline<ffi::lua_Hook, ThisThread>, // goes after `drop`, when nothing leads to it any more
}

/// Why there is no result.
#[derive(Debug, PartialEq)]
enum Stopped {
    /// It had not ended after as many instructions as it was given.
    OutOfBudget,
    Failed(String),
}

impl Lua {
    fn new() -> Result<Self, Box<dyn Error>> {
        let left = Rc::new(Cell::new(0_u64));
        let budget = Rc::clone(&left);
        let hook = Trampoline::<ffi::lua_Hook>::local(move |state, _| {
            // SAFETY: Lua passes the state that runs. Nothing in this frame is to be dropped.
            unsafe {
                let passed = ffi::lua_gethookcount(state);
                budget.set(budget.get().saturating_sub(passed.unsigned_abs().into()));
                if budget.get() == 0 {
                    // From now on at every instruction, or `pcall` in a loop would get away.
                    ffi::lua_sethook(state, ffi::lua_gethook(state), ffi::LUA_MASKCOUNT, 1);
                    ffi::lua_pushstring(state, c"out of budget".as_ptr());
                    ffi::lua_error(state);
                }
            }
        })?;
        // SAFETY: no conditions.
        let state = NonNull::new(unsafe { ffi::luaL_newstate() }).ok_or("no memory for a state")?;
        let lua = Self { state, left, hook };
        // SAFETY: the state is valid. These need more memory than a new state has, and no error is expected of them.
        unsafe {
            for (name, open) in [
                (c"_G", ffi::luaopen_base as ffi::lua_CFunction),
                (c"coroutine", ffi::luaopen_coroutine),
                (c"string", ffi::luaopen_string),
                (c"table", ffi::luaopen_table),
            ] {
                ffi::luaL_requiref(state.as_ptr(), name.as_ptr(), open, 1);
                ffi::lua_settop(state.as_ptr(), 0);
            }
            // Lua calls no hooks while it runs a `__gc`, nor in the handler of an error that a hook raised.
            for name in [c"setmetatable", c"xpcall"] {
                ffi::lua_pushnil(state.as_ptr());
                ffi::lua_setglobal(state.as_ptr(), name.as_ptr());
            }
        }
        Ok(lua)
    }

    /// Runs a script for no more than about `budget` instructions, its coroutines' included. What it returns, as text.
    ///
    /// Only instructions of Lua count: a long `string.rep` is one.
    fn run(&self, script: &CStr, budget: u64) -> Result<String, Stopped> {
        let state = self.state.as_ptr();
        self.left.set(budget);
        // SAFETY: the state is valid and its stack empty; the hook and what it captured live as long as the state.
        unsafe {
            ffi::lua_sethook(state, Some(self.hook.as_fn()), ffi::LUA_MASKCOUNT, STEP);
            let mut status = ffi::luaL_loadstring(state, script.as_ptr());
            if status == ffi::LUA_OK {
                status = ffi::lua_pcall(state, 0, 1, 0);
            }
            let text = match NonNull::new(ffi::lua_tostring(state, -1).cast_mut()) {
                Some(text) => CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned(),
                None => String::new(),
            };
            ffi::lua_settop(state, 0);
            match status {
                ffi::LUA_OK => Ok(text),
                _ if self.left.get() == 0 => Err(Stopped::OutOfBudget),
                _ => Err(Stopped::Failed(text)),
            }
        }
    }
}

impl Drop for Lua {
    fn drop(&mut self) {
        // SAFETY: it is ours.
        unsafe { ffi::lua_close(self.state.as_ptr()) }
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut exit = ExitCode::SUCCESS;
    for script in env::args().skip(1) {
        match Lua::new()?.run(&CString::new(script)?, 1_000_000) {
            Ok(text) => println!("{text}"),
            Err(stopped) => {
                println!("{stopped:?}");
                exit = ExitCode::FAILURE;
            }
        }
    }
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_ends_has_a_result() {
        let sum = c"local sum = 0; for n = 1, 1000 do sum = sum + n end; return sum";
        assert_eq!(Lua::new().unwrap().run(sum, 10_000).as_deref(), Ok("500500"));
    }

    #[test]
    fn no_endless_script_gets_away() {
        for script in [
            c"while true do end",
            c"while true do pcall(function() while true do end end) end",
            c"coroutine.wrap(function() while true do end end)()",
            c"while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
            c"table.sort({2, 1}, function() while true do end end)",
            c"return (string.gsub('a', 'a', function() while true do end end))",
        ] {
            let lua = Lua::new().unwrap();
            assert_eq!(lua.run(script, 100_000), Err(Stopped::OutOfBudget), "{script:?}");
            assert_eq!(lua.run(c"return 'still alive'", 100).as_deref(), Ok("still alive"), "{script:?}");
        }
    }

    #[test]
    fn each_state_has_its_own_budget() {
        let script = c"counted = (counted or 0); while true do counted = counted + 1 end";
        let counted = |lua: &Lua| lua.run(c"return counted", 100).unwrap().parse::<u64>().unwrap();
        let states: Vec<_> = (0..12).map(|_| Lua::new().unwrap()).collect();
        for (index, lua) in (1..).zip(&states) {
            assert_eq!(lua.run(script, index * 10_000), Err(Stopped::OutOfBudget));
        }
        for (index, lua) in (1..).zip(&states) {
            // Three or four instructions for each turn.
            assert!((index * 2_000..index * 4_000).contains(&counted(lua)), "{index}: {}", counted(lua));
        }
    }

    #[test]
    fn an_error_is_told_from_an_empty_budget() {
        let lua = Lua::new().unwrap();
        let Err(Stopped::Failed(message)) = lua.run(c"error('no')", 1_000) else { panic!("it fails") };
        assert!(message.ends_with("no"), "{message}");
        assert!(matches!(lua.run(c"return return", 1_000), Err(Stopped::Failed(_))));
    }
}
