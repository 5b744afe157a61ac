//! Says whether trampolines work on this machine and what they use: the beginning of a bug report.
//!
//! ```sh
//! cargo run --example doctor
//! ```

use std::process::ExitCode;

use tramp_rt::Trampoline;

const LIVE: i32 = 1_000;

fn main() -> ExitCode {
    type Add = unsafe extern "C" fn(i32) -> i32;

    if std::env::args_os().nth(1).is_some_and(|arg| arg == "--help") {
        println!("usage: doctor\nSays whether trampolines work on this machine, and what they use.");
        return ExitCode::SUCCESS;
    }
    let all: Result<Vec<_>, _> = (0..LIVE).map(|n| Trampoline::<Add>::new(move |m| n + m)).collect();
    let report = tramp_rt::diagnostics(); // while all are alive
    let status = match all {
        Ok(all) => {
            // SAFETY: the trampolines are alive, and their closures take any number.
            let right = (0..LIVE).zip(&all).filter(|(n, add)| unsafe { (add.as_fn())(1) } == n + 1).count();
            println!("{right} of {LIVE} closures return the right number");
            ExitCode::from(u8::from(right != all.len()))
        }
        Err(failed) => {
            println!("{LIVE} closures cannot be made: {failed}");
            ExitCode::FAILURE
        }
    };
    println!("{report}");
    status
}
