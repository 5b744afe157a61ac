//! Runs each example as a program, and compares all its output with what Rust computes without it.

#![cfg(unix)] // three of them are on functions of POSIX

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The result of a program: its exit code, standard output and standard error.
type Run = (Option<i32>, String, String);

/// An example, at the path where `cargo test` and `cargo build --examples` put it.
fn example(name: &str) -> Command {
    // This test is `…/deps/examples-…`, the example is `…/examples/NAME`.
    let own = std::env::current_exe().expect("the test's own path");
    let path = own.ancestors().nth(2).expect("the profile's directory").join("examples").join(name);
    assert!(path.exists(), "{} is missing: `cargo build --examples` makes it", path.display());
    tramp_test_support::program(&path)
}

fn run<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Run {
    finished(&example(name).args(args).stdin(Stdio::null()).output().expect("the example starts"))
}

fn finished(output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn done(stdout: impl Into<String>, stderr: impl Into<String>) -> Run {
    (Some(0), stdout.into(), stderr.into())
}

fn failed(stderr: impl Into<String>) -> Run {
    (Some(1), String::new(), stderr.into())
}

/// A new, empty directory.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("examples-{name}"));
    if path.exists() {
        fs::remove_dir_all(&path).expect("what an earlier run left");
    }
    fs::create_dir_all(&path).expect("a directory");
    path
}

fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
    let mut file = File::create(path).expect("a new file");
    file.write_all(contents.as_ref()).expect("room on the disk");
    file.sync_all().expect("room on the disk"); // now its blocks do not change any more
}

mod qsort {
    use super::*;
    use std::cell::Cell;
    use std::cmp::Ordering;
    use std::ffi::{c_int, c_void};

    const USAGE: &str = "usage: qsort [--by text|length|number|field=N] [--reverse] [FILE]\n";

    type Compare = fn(&str, &str) -> Ordering;

    /// Each `--by`, and the order for which it stands.
    const KEYS: [(&str, Compare); 5] = [
        ("text", str::cmp),
        ("length", |a, b| (a.chars().count(), a).cmp(&(b.chars().count(), b))),
        ("number", |a, b| match (number(a), number(b)) {
            (Some(x), Some(y)) => x.total_cmp(&y).then(a.cmp(b)),
            (x, y) => (x.is_some(), a).cmp(&(y.is_some(), b)),
        }),
        ("field=1", |a, b| (a.split_whitespace().next(), a).cmp(&(b.split_whitespace().next(), b))),
        ("field=3", |a, b| (a.split_whitespace().nth(2), a).cmp(&(b.split_whitespace().nth(2), b))),
    ];

    fn number(line: &str) -> Option<f64> {
        line.split_whitespace().next()?.parse().ok()
    }

    /// Lines in no order: with equal keys, equal lines, empty ones, and some without a number or a third field.
    fn text() -> String {
        let mut text = String::new();
        let mut random = 12_345_u32;
        for _ in 0..3_000 {
            random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            let n = random >> 16;
            match n % 7 {
                0 => writeln!(text),
                1 => writeln!(text, "{n}"),
                2 => writeln!(text, "-{}.5 {} x", n % 50, "ö".repeat(n as usize % 9)),
                3 => writeln!(text, "  {} {}", n % 10, n % 13),
                4 => writeln!(text, "word{} {n} z{}", n % 100, n % 4),
                5 => writeln!(text, "nan {}", n % 3),
                _ => writeln!(text, "{}e2 b{} c", n % 20, n % 5),
            }
            .expect("a string grows");
        }
        text
    }

    /// How often libc's `qsort` calls a plain C function for these lines.
    fn comparisons(mut lines: Vec<&str>, compare: Compare, reverse: bool) -> usize {
        thread_local!(static STATE: Cell<(Compare, bool, usize)> = const { Cell::new((str::cmp, false, 0)) });
        unsafe extern "C" fn call(a: *const c_void, b: *const c_void) -> c_int {
            let (compare, reverse, calls) = STATE.get();
            STATE.set((compare, reverse, calls + 1));
            // SAFETY: `qsort` passes pointers to elements.
            let ordering = unsafe { compare(*a.cast::<&str>(), *b.cast::<&str>()) };
            if reverse { ordering.reverse() as c_int } else { ordering as c_int }
        }
        STATE.set((compare, reverse, 0));
        // SAFETY: number and size are the vector's own, and `call` is a total order.
        unsafe { libc::qsort(lines.as_mut_ptr().cast(), lines.len(), size_of::<&str>(), Some(call)) };
        STATE.get().2
    }

    /// What the example should print for this text.
    fn sorted(text: &str, compare: Compare, reverse: bool) -> (String, String) {
        let mut lines: Vec<_> = text.lines().collect();
        let report = format!("{} lines, {} comparisons\n", lines.len(), comparisons(lines.clone(), compare, reverse));
        lines.sort_by(|a, b| if reverse { compare(b, a) } else { compare(a, b) });
        (lines.iter().flat_map(|line| [line, "\n"]).collect(), report)
    }

    #[test]
    fn sorts_by_every_key() {
        let (text, path) = (text(), directory("qsort").join("lines"));
        write(&path, &text);
        for (key, compare) in KEYS {
            for reverse in [false, true] {
                let (stdout, stderr) = sorted(&text, compare, reverse);
                let mut args = vec![OsStr::new("--by"), key.as_ref(), path.as_ref()];
                args.extend(reverse.then_some(OsStr::new("--reverse")));
                assert_eq!(run("qsort", args), done(stdout, stderr), "{key}, reverse: {reverse}");
            }
        }
        let (stdout, stderr) = sorted(&text, str::cmp, false);
        assert_eq!(run("qsort", [path]), done(stdout, stderr), "by text when nothing is said");
    }

    #[test]
    fn sorts_its_own_source_when_there_is_no_file() {
        let source = include_str!("../tramp-rt/examples/qsort.rs");
        for (args, reverse) in [(&[][..], false), (&["--reverse"][..], true)] {
            let (stdout, report) = sorted(source, str::cmp, reverse);
            let stderr = format!("{USAGE}There is no FILE, so this program sorts its own source.\n{report}");
            assert_eq!(run("qsort", args), done(stdout, stderr));
        }
    }

    #[test]
    fn sorts_nothing_and_little() {
        let directory = directory("qsort-little");
        for (name, text, stdout, lines) in [("empty", "", "", 0), ("newline", "\n", "\n", 1), ("one", "a", "a\n", 1)] {
            let path = directory.join(name);
            write(&path, text);
            assert_eq!(run("qsort", [path]), done(stdout, format!("{lines} lines, 0 comparisons\n")), "{name}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let directory = directory("qsort-wrong");
        let missing = directory.join("missing");
        let message = format!("qsort: {}: No such file or directory (os error 2)\n", missing.display());
        assert_eq!(run("qsort", [missing]), failed(message));

        let binary = directory.join("binary");
        write(&binary, b"\xff\n");
        let message = format!("qsort: {}: stream did not contain valid UTF-8\n", binary.display());
        assert_eq!(run("qsort", [binary]), failed(message));

        for args in [&["--by"][..], &["--by", "colour"], &["--by", "field=0"], &["--by", "field="], &["--sort"]] {
            assert_eq!(run("qsort", args), failed(format!("qsort: {USAGE}")), "{args:?}");
        }
    }
}

mod nftw {
    use super::*;
    use std::cmp::Reverse;
    use std::collections::{BTreeMap, BTreeSet};
    use std::os::unix::fs::{MetadataExt, symlink};
    #[cfg(target_os = "linux")]
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};

    /// The example's walk, with `std::fs`.
    #[derive(Default)]
    struct Walk {
        usages: BTreeMap<String, (u64, usize)>,
        counted: BTreeSet<(u64, u64)>,
        levels: usize,
    }

    impl Walk {
        fn below(mut self, directory: &Path) -> String {
            self.visit(directory, 0);
            let mut usages: Vec<_> = self.usages.into_iter().collect();
            usages.sort_by_key(|(_, (bytes, _))| Reverse(*bytes));
            let mut table = String::new();
            for (extension, (bytes, files)) in &usages {
                let extension = if extension.is_empty() { "none" } else { extension };
                writeln!(table, "{bytes:>14} {files:>8}  {extension}").expect("a string grows");
            }
            let bytes: u64 = usages.iter().map(|(_, (bytes, _))| bytes).sum();
            let files: usize = usages.iter().map(|(_, (_, files))| files).sum();
            writeln!(table, "{bytes:>14} {files:>8}  in total, {} levels deep", self.levels).expect("a string grows");
            table
        }

        fn visit(&mut self, path: &Path, level: usize) {
            self.levels = self.levels.max(level);
            let status = fs::symlink_metadata(path).expect("a file");
            if status.is_dir() {
                for entry in fs::read_dir(path).expect("a directory") {
                    self.visit(&entry.expect("an entry").path(), level + 1);
                }
            } else if !status.is_symlink() && self.counted.insert((status.dev(), status.ino())) {
                let extension = path.extension().unwrap_or_default().to_str().expect("UTF-8");
                let usage = self.usages.entry(extension.into()).or_default();
                *usage = (usage.0 + status.blocks() * 512, usage.1 + 1);
            }
        }
    }

    fn tree(name: &str) -> PathBuf {
        let root = directory(name);
        fs::create_dir_all(root.join("a/b.d/c")).expect("directories");
        fs::create_dir(root.join("empty.rs")).expect("a directory");
        for (name, bytes) in [
            ("one.rs", 1),
            ("a/two.rs", 10_000),
            ("a/b.d/three.rs", 5_000),
            ("a/b.d/c/deep.txt", 70_000),
            ("a/archive.tar.gz", 20_000),
            ("Makefile", 3),
            (".hidden", 3),
            ("empty.txt", 0),
            ("naïve.söurce", 300),
        ] {
            write(root.join(name), vec![b'x'; bytes]);
        }
        fs::hard_link(root.join("a/two.rs"), root.join("a/again.rs")).expect("a second name");
        symlink("a/two.rs", root.join("link.rs")).expect("a link");
        symlink("a", root.join("link")).expect("a link");
        symlink("nowhere", root.join("dangling.rs")).expect("a link");
        root
    }

    #[test]
    fn measures_a_directory() {
        let root = tree("nftw");
        let expected = done(Walk::default().below(&root), "");
        assert!(
            expected.1.contains(" 3  rs\n") && expected.1.ends_with(" 9  in total, 4 levels deep\n"),
            "{expected:?}"
        );
        assert_eq!(run("nftw", [&root]), expected);
        let here = example("nftw").current_dir(&root).output().expect("the example starts");
        assert_eq!(finished(&here), expected, "the current directory when nothing is said");
    }

    #[test]
    fn measures_one_file() {
        let path = directory("nftw-file").join("one.rs");
        write(&path, "fn main() {}");
        assert_eq!(run("nftw", [&path]), done(Walk::default().below(&path), ""));
    }

    /// The example reports what it cannot read, and measures the rest.
    #[test]
    #[cfg(target_os = "linux")] // where root gives up its right to read everything
    fn passes_what_it_cannot_read() {
        let root = tree("nftw-unreadable");
        let (closed, listed) = (root.join("closed"), root.join("listed"));
        for directory in [&closed, &listed] {
            fs::create_dir(directory).expect("a directory");
            write(directory.join("unseen.rs"), "fn main() {}");
        }
        let mode = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("a mode");
        mode(&closed, 0o000); // is not listed
        mode(&listed, 0o400); // is listed, with files of which nothing else can be known

        let mut command = example("nftw");
        // SAFETY: `prctl` is a system call without memory of ours. It fails where there is nothing to give up.
        unsafe {
            command.arg(&root).pre_exec(|| {
                // Root's right to read everything: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
                for capability in [1, 2] {
                    libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0);
                }
                Ok(())
            });
        }
        let (code, stdout, stderr) = finished(&command.output().expect("the example starts"));

        for directory in [&closed, &listed] {
            mode(directory, 0o700);
            fs::remove_file(directory.join("unseen.rs")).expect("the file");
        }
        assert_eq!((code, stdout), (Some(1), Walk::default().below(&root)));
        let mut complaints: Vec<_> = stderr.lines().collect();
        complaints.sort_unstable();
        let complaint = |path: &Path| format!("nftw: {}: cannot be read", path.display());
        assert_eq!(complaints, [complaint(&closed), complaint(&listed.join("unseen.rs"))]);
    }

    #[test]
    fn says_what_is_wrong() {
        let missing = directory("nftw-missing").join("missing");
        let message = format!("nftw: {}: No such file or directory (os error 2)\n", missing.display());
        assert_eq!(run("nftw", [missing]), failed(message));
    }
}

mod scandir {
    use super::*;

    const USAGE: &str = "scandir: usage: scandir [--by name|version] [--reverse] [DIRECTORY [PATTERN]]\n";
    const NAMES: [&str; 8] = ["v10", "v9", "v1.10", "v1.9", "readme", "B", ".hidden", "ünïcode"];

    fn versions() -> PathBuf {
        let root = directory("scandir");
        for name in NAMES {
            write(root.join(name), "");
        }
        fs::create_dir(root.join("v2")).expect("a directory");
        root
    }

    fn listed(names: &[&str]) -> Run {
        // Of NAMES, `v2`, `.` and `..`.
        let names_seen = NAMES.len() + 3;
        done(
            names.iter().flat_map(|name| [name, "\n"]).collect::<String>(),
            format!("{} of {names_seen} entries\n", names.len()),
        )
    }

    /// Under qemu-user, 32-bit programs see the 64-bit positions of the machine's directories, and C rejects them.
    fn skipped_under_emulation(name: &str) -> bool {
        let skipped = cfg!(target_pointer_width = "32") && std::env::var_os("TRAMP_TEST_RUNNER").is_some();
        if skipped {
            println!("scandir::{name}: skipped, qemu-user gives 32-bit programs positions of 64 bits in directories");
        }
        skipped
    }

    #[test]
    fn filters_and_sorts() {
        if skipped_under_emulation("filters_and_sorts") {
            return;
        }
        let root = versions();
        let dir = root.to_str().expect("UTF-8");

        let mut visible: Vec<_> = NAMES.into_iter().chain(["v2"]).filter(|name| !name.starts_with('.')).collect();
        visible.sort_unstable();
        assert_eq!(run("scandir", [dir]), listed(&visible));
        assert_eq!(run("scandir", ["--by", "name", dir, "*"]), listed(&visible));
        visible.reverse();
        assert_eq!(run("scandir", [dir, "--reverse"]), listed(&visible));

        let mut versions = ["v1.9", "v1.10", "v2", "v9", "v10"];
        assert_eq!(run("scandir", ["--by", "version", dir, "v*"]), listed(&versions));
        versions.reverse();
        assert_eq!(run("scandir", ["--reverse", "--by", "version", dir, "v*"]), listed(&versions));

        assert_eq!(run("scandir", [dir, "v?"]), listed(&["v2", "v9"]));
        assert_eq!(run("scandir", [dir, ".h*"]), listed(&[".hidden"]));
        assert_eq!(run("scandir", [dir, "nothing"]), listed(&[]));
    }

    #[test]
    fn lists_the_current_directory_when_nothing_is_said() {
        if skipped_under_emulation("lists_the_current_directory_when_nothing_is_said") {
            return;
        }
        let root = directory("scandir-current");
        write(root.join("only"), "");
        let here = example("scandir").current_dir(&root).output().expect("the example starts");
        assert_eq!(finished(&here), done("only\n", "1 of 3 entries\n"));
    }

    #[test]
    fn says_what_is_wrong() {
        let root = directory("scandir-wrong");
        let missing = root.join("missing");
        let message = format!("scandir: {}: No such file or directory (os error 2)\n", missing.display());
        assert_eq!(run("scandir", [missing]), failed(message));
        let file = root.join("file");
        write(&file, "");
        let message = format!("scandir: {}: Not a directory (os error 20)\n", file.display());
        assert_eq!(run("scandir", [file]), failed(message));
        for args in [&["--by"][..], &["--by", "colour"], &["--sort"]] {
            assert_eq!(run("scandir", args), failed(USAGE), "{args:?}");
        }
    }
}

mod signal {
    use super::*;

    #[test]
    fn counts_for_each_handler() {
        assert_eq!(run("signal", [""; 0]), done("inner: 3\nouter: 2\n", ""));
        for times in ["0", "1", "100000"] {
            assert_eq!(run("signal", [times]), done(format!("inner: {times}\nouter: 2\n"), ""));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(run("signal", ["often"]), failed("signal: usage: signal [TIMES]\n"));
    }
}

mod atexit {
    use super::*;

    /// What the example does when this line is entered.
    fn add(history: &Path, input: impl AsRef<[u8]>, directory: &Path) -> Run {
        let path = directory.join("input");
        write(&path, input);
        let input = File::open(path).expect("the input");
        finished(&example("atexit").arg(history).stdin(input).output().expect("the example starts"))
    }

    fn read(history: &Path) -> String {
        fs::read_to_string(history).expect("a history")
    }

    #[test]
    fn saves_the_history_however_it_ends() {
        let directory = directory("atexit");
        let history = directory.join("history");
        let size = |bytes| format!("{}: {bytes} bytes\n", history.display());

        let ended = add(&history, "1\n2.5\n-4\n", &directory);
        assert_eq!(ended, done("1\n3.5\n-0.5\n", size(9)), "by the end of the input");
        assert_eq!(read(&history), "1\n2.5\n-4\n");

        let ended = add(&history, "10\n3\nfour\n5\n", &directory);
        let stderr = format!("atexit: four: invalid float literal\n{}", size(14));
        assert_eq!(ended, (Some(2), "10\n13\n".into(), stderr), "by `process::exit`");
        assert_eq!(read(&history), "1\n2.5\n-4\n10\n3\n");

        let ended = add(&history, b"7\n\xff\n", &directory);
        let stderr = format!("atexit: stream did not contain valid UTF-8\n{}", size(16));
        assert_eq!(ended, (Some(1), "7\n".into(), stderr), "by an error");
        assert_eq!(read(&history), "1\n2.5\n-4\n10\n3\n7\n");
    }

    /// More than any buffer holds.
    #[test]
    fn saves_a_long_history() {
        let directory = directory("atexit-long");
        let history = directory.join("history");
        let input: String = (0..20_000).flat_map(|n| [n.to_string(), "\n".into()]).collect();
        let (code, stdout, stderr) = add(&history, &input, &directory);
        assert_eq!((code, stdout.lines().last()), (Some(0), Some("199990000")));
        assert_eq!(stderr, format!("{}: {} bytes\n", history.display(), input.len()));
        assert_eq!(read(&history), input);
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(run("atexit", [""; 0]), failed("atexit: usage: atexit HISTORY\n"));
        let directory = directory("atexit-wrong");
        let nowhere = directory.join("missing/history");
        let message = format!("atexit: {}: No such file or directory (os error 2)\n", nowhere.display());
        assert_eq!(run("atexit", [nowhere]), failed(message));
    }

    #[test]
    #[cfg(target_os = "linux")] // which has the file
    fn says_that_the_history_is_incomplete() {
        let full = add(Path::new("/dev/full"), "1\n", &directory("atexit-full"));
        let stderr = "atexit: the history is incomplete: No space left on device (os error 28)\n/dev/full: 0 bytes\n";
        assert_eq!(full, done("1\n", stderr));
    }
}

mod doctor {
    use super::*;

    #[test]
    fn reports_where_the_tables_come_from_and_calls_what_is_in_them() {
        let (code, stdout, stderr) = run("doctor", [""; 0]);
        assert_eq!((code, &stderr[..]), (Some(0), ""), "{stdout}");
        let source = if cfg!(target_vendor = "apple") { "text" } else { "file" };
        let verdict = format!("verdict: all trampolines work, direct and mapped, with tables from: {source}");
        assert_eq!(stdout.lines().next(), Some(&verdict[..]), "{stdout}");
        let says = |start: &str| stdout.lines().any(|line| line.starts_with(start));
        let system = if cfg!(target_os = "linux") { "Linux " } else { "" };
        assert!(says(&format!("tramp-rt 0.1.0 on {}, {system}", std::env::consts::ARCH)), "{stdout}");
        assert!(says(&format!("source in use: {source}")), "{stdout}");
        assert!(says("direct slots: 4 live of 8"), "{stdout}");
        assert!(says("mapped slots: 996 live, 0 free"), "{stdout}");
        assert!(says("1000 of 1000 closures return the right number"), "{stdout}");
        assert!(!says("times:"), "{stdout}");
    }

    #[test]
    fn says_how_long_trampolines_take() {
        let (code, stdout, stderr) = run("doctor", ["--time"]);
        assert_eq!((code, &stderr[..]), (Some(0), ""), "{stdout}");
        for kind in ["direct", "mapped"] {
            let start = format!("times: a {kind} call is ");
            let line = stdout.lines().find_map(|line| line.strip_prefix(&start)).expect(&stdout);
            let (call, creation) = line.split_once(" of a function's, its creation ").expect(line);
            let creation = creation.strip_suffix(" of a box's").expect(line);
            for ratio in [call, creation] {
                assert!(ratio.parse::<f64>().is_ok_and(|ratio| ratio > 0.0), "{line}");
            }
        }
    }
}

/// `--help` prints the usage and one sentence, and succeeds.
#[test]
fn help_is_no_failure() {
    for name in ["atexit", "doctor", "nftw", "qsort", "scandir", "signal"] {
        let (code, stdout, stderr) = run(name, ["--help"]);
        assert_eq!((code, &stderr[..]), (Some(0), ""), "{name}: {stdout}");
        assert!(stdout.starts_with(&format!("usage: {name}")) && stdout.lines().count() == 2, "{stdout}");
    }
}
