//! Runs SQL on a database in memory that can sort words by an order of one's own.
//!
//! ```sh
//! cargo run -p sqlite -- 'select column1 from (values (3), (1), (2)) order by 1'
//! ```
//!
//! SQLite's callbacks get user data. `sqlite3_exec` has its own at the end of its arguments and the callback at the
//! beginning; there the closure is lent, and borrows. A collation is kept until SQLite destroys it, by a function that it
//! is given for that.

use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{self, NonNull};
use std::slice;

use libsqlite3_sys as ffi;
use libsqlite3_sys::sqlite3;
use tramp_rt::{UserData, trampoline};

// libsqlite3-sys has these functions, with pointers instead of closures.
#[trampoline]
unsafe extern "C" {
    fn sqlite3_exec(
        database: *mut sqlite3,
        sql: *const c_char,
        #[on_panic(return = 1)] // anything but 0 stops
        row: impl FnMut(UserData, c_int, *const *const c_char, *const *const c_char) -> c_int,
        data: UserData,
        error: *mut *mut c_char,
    ) -> c_int;

    fn sqlite3_create_collation_v2(
        database: *mut sqlite3,
        name: *const c_char,
        encoding: c_int,
        data: UserData,
        #[scope(notified)]
        #[on_panic(return = 0)]
        compare: impl Fn(UserData, c_int, *const u8, c_int, *const u8) -> c_int + 'static,
        destroy: Option<unsafe extern "C" fn(UserData)>,
    ) -> c_int;
}

struct Database(NonNull<sqlite3>);

impl Database {
    fn in_memory() -> Result<Self, Box<dyn Error>> {
        let mut database = ptr::null_mut();
        // SAFETY: the name is a C string. C returns a handle also with an error, unless memory has run out.
        let code = unsafe { ffi::sqlite3_open(c":memory:".as_ptr(), &raw mut database) };
        let database = Self(NonNull::new(database).ok_or("no memory for a database")?);
        database.check(code)?;
        Ok(database)
    }

    /// Gives `row` the texts in each row of the result, of which some may be NULL.
    fn run(&self, sql: &str, mut row: impl FnMut(&[Option<&str>])) -> Result<(), Box<dyn Error>> {
        let sql = CString::new(sql)?;
        let give = |count: c_int, texts: *const *const c_char, _| {
            // SAFETY: SQLite passes as many texts, each NULL or a C string, valid for the call.
            let texts: Vec<_> = unsafe {
                let texts = slice::from_raw_parts(texts, usize::try_from(count).unwrap_or(0));
                texts.iter().map(|&text| (!text.is_null()).then(|| CStr::from_ptr(text))).collect()
            };
            let texts: Option<Vec<_>> = texts.iter().map(|text| text.map(CStr::to_str).transpose().ok()).collect();
            texts.map_or(1, |texts| {
                row(&texts);
                0
            })
        };
        // SAFETY: the database is valid and `sql` is a C string. SQLite calls back before it returns.
        let code = unsafe { sqlite3_exec(self.0.as_ptr(), sql.as_ptr(), give, ptr::null_mut()) };
        self.check(code)
    }

    /// Makes an order, for `order by … collate NAME`. It goes with the database, or when another takes its name.
    fn create_order(
        &self,
        name: &CStr,
        order: impl Fn(&[u8], &[u8]) -> std::cmp::Ordering + 'static,
    ) -> Result<(), Box<dyn Error>> {
        let bytes = |length: c_int, text: *const u8| {
            // SAFETY: SQLite passes as many bytes, valid for the call.
            if length == 0 { &[] } else { unsafe { slice::from_raw_parts(text, length.unsigned_abs() as usize) } }
        };
        let compare = move |a_length, a, b_length, b| order(bytes(a_length, a), bytes(b_length, b)) as c_int;
        // SAFETY: the database is valid and stays on this thread; `name` is a C string.
        let code = unsafe { sqlite3_create_collation_v2(self.0.as_ptr(), name.as_ptr(), ffi::SQLITE_UTF8, compare) };
        self.check(code)
    }

    fn check(&self, code: c_int) -> Result<(), Box<dyn Error>> {
        match code {
            ffi::SQLITE_OK => Ok(()),
            // SAFETY: the database is valid, and its message is a C string.
            _ => Err(unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.0.as_ptr())) }.to_string_lossy().into()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: it is ours. This destroys the orders.
        unsafe { ffi::sqlite3_close(self.0.as_ptr()) };
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let database = Database::in_memory()?;
    database.create_order(c"length", |a, b| a.len().cmp(&b.len()))?;
    for sql in env::args().skip(1) {
        database.run(&sql, |row| {
            println!("{}", row.iter().map(|text| text.unwrap_or("NULL")).collect::<Vec<_>>().join(" "));
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use super::*;

    const WORDS: &str = "select * from (values ('pear'), ('fig'), ('banana'))";

    fn firsts(database: &Database, sql: &str) -> Vec<String> {
        let mut firsts = Vec::new();
        database.run(sql, |row| firsts.push(row[0].unwrap().to_owned())).unwrap();
        firsts
    }

    #[test]
    fn rows_come_one_by_one() {
        let database = Database::in_memory().unwrap();
        assert_eq!(firsts(&database, WORDS), ["pear", "fig", "banana"]);
        let mut nulls = 0;
        database.run("select null, 1", |row| nulls += row.iter().filter(|text| text.is_none()).count()).unwrap();
        assert_eq!(nulls, 1);
        assert!(database.run("select", |_| ()).unwrap_err().to_string().contains("incomplete"));
    }

    #[test]
    fn a_query_may_run_in_another() {
        let database = Database::in_memory().unwrap();
        let mut pairs = Vec::new();
        let inner = |word: &str, pairs: &mut Vec<String>| {
            database.run(&format!("select length('{word}')"), |row| pairs.push(format!("{word} {}", row[0].unwrap())))
        };
        database.run(WORDS, |row| inner(row[0].unwrap(), &mut pairs).unwrap()).unwrap();
        assert_eq!(pairs, ["pear 4", "fig 3", "banana 6"]);
    }

    #[test]
    fn a_panic_goes_on_when_sqlite_has_returned() {
        let database = Database::in_memory().unwrap();
        let mut rows = 0;
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            database.run(WORDS, |_| {
                rows += 1;
                panic!("enough");
            })
        }));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"enough"));
        assert_eq!(rows, 1);
        assert_eq!(firsts(&database, "select 1"), ["1"], "the database is as it was");
    }

    #[test]
    fn orders_go_when_sqlite_destroys_them() {
        let database = Database::in_memory().unwrap();
        let comparisons = Rc::new(Cell::new(0));
        let counted = |reverse: bool| {
            let comparisons = Rc::clone(&comparisons);
            move |a: &[u8], b: &[u8]| {
                comparisons.set(comparisons.get() + 1);
                if reverse { b.len().cmp(&a.len()) } else { a.len().cmp(&b.len()) }
            }
        };
        let sorted = format!("{WORDS} order by 1 collate length");
        database.create_order(c"length", counted(false)).unwrap();
        assert_eq!(firsts(&database, &sorted), ["fig", "pear", "banana"]);
        assert!(comparisons.get() > 0);
        assert_eq!(Rc::strong_count(&comparisons), 2);
        database.create_order(c"length", counted(true)).unwrap();
        assert_eq!(Rc::strong_count(&comparisons), 2, "the first is gone");
        assert_eq!(firsts(&database, &sorted), ["banana", "pear", "fig"]);
        drop(database);
        assert_eq!(Rc::strong_count(&comparisons), 1);
    }
}
