//! Every source of code tables by itself: thousands of live trampolines from it, what it leaves behind, and what its
//! pages allow. Each case has a process of its own, because a process has one source.

#![cfg(target_os = "linux")] // the others have one source, and no /proc to see it in
#![allow(clippy::undocumented_unsafe_blocks, reason = "calls of live trampolines, and of libc in child processes")]

use std::collections::BTreeSet;
use std::fs;
use std::process::exit;

use tramp_rt::{Error, Failure, Source, SourcesInUse, Trampoline, diagnostics, set_sources};
use tramp_test_support::occupy_direct_slots;

type Get = unsafe extern "C" fn() -> u64;
/// Its context travels on the stack on every processor.
type Many = unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i64;

const CASE: &str = "TRAMP_TEST_SOURCES";

fn emulated() -> bool {
    std::env::var_os("TRAMP_TEST_RUNNER").is_some()
}

/// Runs `test` in a process of its own, with these variables.
fn alone_with(name: &str, variables: &[(&str, &str)], test: fn()) {
    if std::env::var(CASE).is_ok() {
        test();
        exit(0);
    }
    let mut child = tramp_test_support::alone(name);
    let child = child.env(CASE, "1").envs(variables.iter().copied()).output().expect("a child process");
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "{}\n{out}\n{err}", child.status);
    if err.contains("skipped") {
        eprint!("{err}");
    }
}

fn alone(name: &str, test: fn()) {
    alone_with(name, &[], test);
}

fn maps() -> String {
    fs::read_to_string("/proc/self/maps").expect("/proc")
}

fn descriptors() -> BTreeSet<std::ffi::OsString> {
    fs::read_dir("/proc/self/fd").expect("/proc").map(|entry| entry.expect("a descriptor").file_name()).collect()
}

/// Makes 20,000 live trampolines with a register and 1,000 with the stack. Calls and drops them, twice.
fn create_and_call() {
    for _ in 0..2 {
        let gets: Vec<_> = (0..20_000).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")).collect();
        let many: Vec<_> = (0..1_000)
            .map(|n| Trampoline::<Many>::new(move |a, _, _, _, _, _, _, _, i| n * a + i).expect("a slot"))
            .collect();
        for (n, get) in (0..).zip(&gets) {
            assert_eq!(unsafe { (get.as_fn())() }, n);
        }
        for (n, many) in (0..).zip(&many) {
            assert_eq!(unsafe { (many.as_fn())(2, 0, 0, 0, 0, 0, 0, 0, 7) }, 2 * n + 7);
        }
    }
}

/// Uses one source, or prints that this system does not have it.
fn use_only(source: Source) -> bool {
    set_sources(&[source]).expect("nothing was mapped yet");
    let before = descriptors();
    let _live = occupy_direct_slots_or_fail(source);
    if let Err(error) = diagnostics().source {
        assert!(may_be_missing(source), "{error}");
        eprintln!("{source}: skipped, this system does not have it: {error}");
        return false;
    }
    assert!(matches!(diagnostics().source, Ok(used) if used == source));
    assert_eq!(set_sources(&[Source::File]), Err(SourcesInUse));
    create_and_call();
    assert_eq!(descriptors(), before, "no descriptor is kept");
    for line in maps().lines() {
        let permissions = line.split(' ').nth(1).expect("permissions");
        assert!(!(permissions.contains('w') && permissions.contains('x')), "{line}");
    }
    true
}

/// Between two guard pages lie tables that are executable, and slots that are not executable and have a name.
fn a_region_is_as_it_should_be() {
    let _live = occupy_direct_slots();
    let get = Trampoline::<Get>::new(|| 7).expect("a slot");
    let entry = (get.as_fn() as *const ()).addr();
    let maps = maps();
    let lines: Vec<(usize, usize, &str, bool)> = maps
        .lines()
        .map(|line| {
            let (range, rest) = line.split_once(' ').expect("a range");
            let (start, end) = range.split_once('-').expect("two addresses");
            let parse = |address| usize::from_str_radix(address, 16).expect("an address");
            (parse(start), parse(end), rest.split(' ').next().expect("permissions"), rest.contains("tramp slots"))
        })
        .collect();
    let at = lines.iter().position(|&(start, end, ..)| (start..end).contains(&entry)).expect("it is mapped");
    let is_code = |line: &(usize, usize, &str, bool)| line.2.as_bytes()[2] == b'x';
    let first = (0..=at).rev().take_while(|&index| is_code(&lines[index])).last().expect("code");
    let slots = (at..lines.len()).find(|&index| !is_code(&lines[index])).expect("no code");
    for index in first..=slots + 1 {
        assert_eq!(lines[index].0, lines[index - 1].1, "a region has no hole: {maps}");
    }
    assert!(lines[first - 1].2.starts_with("---"), "a guard page before the code: {maps}");
    assert!(lines[slots].2.starts_with("rw-"), "{maps}");
    assert!(lines[slots + 1].2.starts_with("---"), "a guard page behind the slots: {maps}");
    let page = std::ptr::with_exposed_provenance_mut::<libc::c_void>(lines[slots].0);
    // `PR_SET_VMA`, `PR_SET_VMA_ANON_NAME`: the same name once more, to see whether this kernel has names.
    let named = unsafe { libc::prctl(0x5356_4d41, 0_usize, page, 4096_usize, c"tramp slots".as_ptr()) } == 0;
    assert_eq!(lines[slots].3, named, "{maps}");
}

/// The direct slots, unless one more trampoline cannot be created because the source is missing.
fn occupy_direct_slots_or_fail(source: Source) -> Vec<impl Sized> {
    if diagnostics().source.is_err() && may_be_missing(source) { Vec::new() } else { occupy_direct_slots() }
}

/// Emulators and old kernels cannot duplicate text. Hardened kernels have no memfd.
fn may_be_missing(source: Source) -> bool {
    source == Source::Text && emulated() || source == Source::Memfd && emulated()
}

/// Tries to make the page of a thunk writable.
fn make_writable(get: &Trampoline<Get>, protection: i32) -> Option<i32> {
    let page = (get.as_fn() as *const ()).map_addr(|address| address & !4095).cast_mut().cast();
    let done = unsafe { libc::mprotect(page, 4096, protection) };
    (done != 0).then(|| std::io::Error::last_os_error().raw_os_error().expect("a reason"))
}

/// The first copy is never sealed. So its kind of mapping decides.
fn the_first_copy_can_never_be_made_writable() {
    let maps = maps();
    let mut refused = 0;
    for line in maps.lines().filter(|line| line.contains(" r-xs ")) {
        let start = line.split('-').next().expect("an address");
        let start = usize::from_str_radix(start, 16).expect("an address");
        let page = std::ptr::with_exposed_provenance_mut(start);
        assert_eq!(unsafe { libc::mprotect(page, 4096, libc::PROT_READ | libc::PROT_WRITE) }, -1, "{line}");
        refused += usize::from(std::io::Error::last_os_error().raw_os_error() == Some(libc::EACCES));
    }
    assert!(refused > 0 || emulated(), "{maps}");
}

fn its_code_can_never_be_made_writable() {
    let _live = occupy_direct_slots();
    let get = Trampoline::<Get>::new(|| 7).expect("a slot");
    for protection in [libc::PROT_WRITE, libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC] {
        // EPERM where the pages are sealed, before the kernel gets to the question.
        assert!(matches!(make_writable(&get, protection), Some(libc::EACCES | libc::EPERM)));
    }
    assert_eq!(unsafe { (get.as_fn())() }, 7);
}

#[test]
fn file() {
    alone("file", || {
        if use_only(Source::File) {
            the_first_copy_can_never_be_made_writable();
            if !emulated() {
                a_region_is_as_it_should_be();
            }
            its_code_can_never_be_made_writable();
        }
    });
}

#[test]
fn text() {
    alone("text", || {
        let before = maps().lines().filter(|line| line.contains("sources-")).count();
        if use_only(Source::Text) && diagnostics().features.iter().any(|it| it.name == "mseal" && it.state == "yes") {
            assert!(
                maps().lines().filter(|line| line.contains("sources-")).count() > before,
                "it is named as the text"
            );
            its_code_can_never_be_made_writable();
        }
    });
}

#[test]
fn memfd() {
    alone("memfd", || {
        if use_only(Source::Memfd) {
            the_first_copy_can_never_be_made_writable();
            its_code_can_never_be_made_writable();
            assert!(maps().contains("/memfd:tramp tables (deleted)"));
        }
    });
}

#[test]
fn temporary() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sources-temporary");
    fs::create_dir_all(&directory).expect("a directory");
    let path = directory.to_str().expect("UTF-8");
    alone_with("temporary", &[("XDG_RUNTIME_DIR", "/proc"), ("TMPDIR", path)], || {
        let directory = std::env::var("TMPDIR").expect("set above");
        if use_only(Source::Temporary) {
            the_first_copy_can_never_be_made_writable();
            its_code_can_never_be_made_writable();
            if !emulated() {
                let line = maps().lines().find(|line| line.contains(".tramp-")).expect("a mapping").to_owned();
                assert!(line.contains(&directory) && line.ends_with("(deleted)"), "{line}");
            }
        }
        assert_eq!(fs::read_dir(directory).expect("the directory").count(), 0, "nothing is left");
        assert!(fs::read_dir("/tmp").expect("the directory").all(|entry| {
            let name = entry.expect("an entry").file_name();
            !name.to_string_lossy().starts_with(&format!(".tramp-{}", std::process::id()))
        }));
    });
}

#[test]
fn none() {
    alone("none", || {
        set_sources(&[]).expect("nothing was mapped yet");
        let direct: Vec<_> =
            (0..tramp_rt::__private::DIRECT_DEFAULT).map(|_| Trampoline::<Get>::new(|| 1).expect("a slot")).collect();
        let failed = Trampoline::<Get>::new(|| 1).expect_err("no source is allowed");
        assert!(matches!(&failed.error, Error::NoSource(attempts) if attempts.is_empty()));
        assert_eq!(failed.to_string(), "the code tables could not be mapped: no source of them is allowed");
        assert!(Trampoline::<Get>::reserve(1).is_err());
        assert_eq!(unsafe { (direct[0].as_fn())() }, 1);
    });
}

#[test]
fn the_order_is_kept_and_every_failure_is_reported() {
    // The file source fails without descriptors, and so do all that need one.
    alone("the_order_is_kept_and_every_failure_is_reported", || {
        set_sources(&[Source::Temporary, Source::Memfd, Source::File]).expect("nothing was mapped yet");
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
        let none = libc::rlimit { rlim_cur: 0, ..limit };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const none) }, 0);
        let Err(Error::NoSource(attempts)) = Trampoline::<Get>::reserve(1) else { panic!("no descriptor can be had") };
        let mut sources: Vec<_> = attempts.iter().map(|attempt| attempt.source).collect();
        sources.dedup();
        assert_eq!(sources, [Source::Temporary, Source::Memfd, Source::File]);
        for attempt in &attempts {
            let (Failure::Create { error, .. } | Failure::Memfd(error) | Failure::ReadMappings(error)) =
                &attempt.failure
            else {
                panic!("{attempt:?}");
            };
            assert!([libc::EMFILE, libc::EROFS, libc::ENOENT, libc::EACCES].map(Some).contains(&error.raw_os_error()));
        }
        let text = Error::NoSource(attempts).to_string();
        assert!(text.contains("; memfd: a sealed file in memory") && text.contains("; file: the process"), "{text}");

        // The failures stay no longer than their cause.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        create_and_call();
    });
}

#[test]
fn without_proc_or_descriptors_there_is_the_text() {
    alone("without_proc_or_descriptors_there_is_the_text", || {
        if emulated() {
            return eprintln!("without_proc_or_descriptors_there_is_the_text: skipped, emulators have no such source");
        }
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const none) }, 0);
        create_and_call();
        let report = diagnostics();
        assert!(matches!(report.source, Ok(Source::Text)), "{report}");
        assert_eq!(report.failures.len(), 1);
        assert!(report.to_string().contains("source tried: file: the process's mappings cannot be read"), "{report}");
    });
}

#[test]
fn a_report_counts_the_slots() {
    alone("a_report_counts_the_slots", || {
        let _live = occupy_direct_slots();
        let before = diagnostics();
        assert_eq!((before.direct_live, before.direct_slots), (8, 8));
        let mut gets: Vec<_> = (0..10_000).map(|n| Trampoline::<Get>::new(move || n).expect("a slot")).collect();
        let report = diagnostics();
        assert_eq!(report.slots.live, before.slots.live + 10_000);
        assert!(report.regions > before.regions && report.slots.unused > 0);
        gets.truncate(5_000);
        let report = diagnostics();
        assert_eq!(report.slots.live, before.slots.live + 5_000);
        assert!(report.slots.free >= 5_000 && (64..=128).contains(&report.slots.resting), "{report}");
        assert!(report.to_string().contains("\nsource in use: "), "{report}");
    });
}
