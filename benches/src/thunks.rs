//! The cost of direct thunks in a program: code, and time to compile it. It is the reason for their default number.

use std::path::Path;
use std::process::Command;

use crate::programs::Build;
use crate::race::median;
use crate::report::{Bars, Table, number};

/// As many as `programs/closures` has.
const CLOSURES: f64 = 200.0;

/// Fewer than elsewhere, because each takes seconds and a compiler's processor time hardly varies.
const ROUNDS: usize = 5;

const THUNKS: [&str; 3] = ["0", "4", "8"];
const BODIES: [(&str, &str); 2] = [("0", "one multiplication"), ("1", "a vector filled and formatted")];
const PROFILES: [&str; 2] = ["release", "dev"];

/// The code and constants of a program, without the debugging information, as size(1) counts them.
fn code_bytes(program: &Path) -> f64 {
    let output = Command::new("size").arg(program).output().expect("size(1), from binutils");
    let printed = String::from_utf8_lossy(&output.stdout);
    let text = printed.lines().nth(1).and_then(|line| line.split_whitespace().next());
    text.and_then(|text| text.parse().ok()).expect("the second line begins with the size of the text")
}

/// The processor time of all processes that this one has waited for.
fn seconds_of_children() -> f64 {
    // SAFETY: all zeros are a value of this type, and getrusage(2) writes another one.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage), 0, "getrusage(2)");
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

pub fn run(_: &mut Bars) {
    for (body, words) in BODIES {
        let mut code = [[0.0; THUNKS.len()]; PROFILES.len()];
        let mut seconds = vec![vec![Vec::new(); THUNKS.len()]; PROFILES.len()];
        for (index, profile) in PROFILES.into_iter().enumerate() {
            // Each build has another number than the build before, so cargo compiles the program anew. The first one
            // also builds the dependencies.
            for round in 0..=ROUNDS {
                for (thunks, count) in THUNKS.into_iter().enumerate() {
                    let variables = [("THUNKS", count), ("LARGE", body)];
                    let build = Build { package: "closures", features: "", profile, variables: &variables };
                    let before = seconds_of_children();
                    let program = build.build();
                    if round > 0 {
                        seconds[index][thunks].push(seconds_of_children() - before);
                    }
                    code[index][thunks] = code_bytes(&program);
                }
            }
        }
        let mut table = Table::new(&[
            "direct thunks",
            "bytes a closure type, release",
            "bytes a thunk, release",
            "compile, release, s",
            "bytes a closure type, debug",
            "bytes a thunk, debug",
            "compile, debug, s",
        ]);
        for (thunks, count) in THUNKS.into_iter().enumerate() {
            let of = |index: usize| {
                let more = (code[index][thunks] - code[index][0]) / CLOSURES;
                let number_of_thunks: f64 = count.parse().expect("a number");
                let each = (number_of_thunks > 0.0).then(|| more / number_of_thunks);
                [format!("+{}", number(more)), number(each), number(median(seconds[index][thunks].clone()))]
            };
            table.row(count, of(0).into_iter().chain(of(1)));
        }
        println!(
            "## Direct thunks of 200 closure types, the body: {words}\n\nCompile times are processor time.\n\n{table}"
        );
    }
}
