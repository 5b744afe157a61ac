//! What they cost, and what happens when there is no room for one more: by what Linux says of a process and limits of it.

use std::fs;
use std::io::Read as _;

use super::*;
use tramp_rt::{Error, Source, set_sources};
use tramp_test_support::occupy_direct_slots;

/// Whether it is not the kernel that executes this program.
fn emulated() -> bool {
    env::var_os("TRAMP_TEST_RUNNER").is_some()
}

/// Whether the kernel's limits and mappings are not seen as they are: qemu-user keeps its own, and has them count for the
/// emulator instead of the program.
fn skipped_under_emulation(name: &str) -> bool {
    if emulated() {
        println!("{name}: skipped, an emulator has no kernel's limits");
    }
    emulated()
}

fn alone(name: &str, test: fn()) {
    super::alone(&format!("limits::{name}"), test);
}

fn maps() -> String {
    fs::read_to_string("/proc/self/maps").expect("/proc")
}

fn rss_bytes() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("/proc");
    statm.split(' ').nth(1).expect("a resident size").parse::<usize>().expect("a number") * page_bytes()
}

fn page_bytes() -> usize {
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a size")
}

#[test]
fn a_million_live_are_small() {
    if skipped_under_emulation("a_million_live_are_small") {
        return;
    }
    alone("a_million_live_are_small", || {
        let count = usize::try_from(live()).expect("it fits");
        let (rss, mappings) = (rss_bytes(), maps().lines().count());
        let all = create(live());
        let (each, mapped) = ((rss_bytes() - rss) / count, maps().lines().count() - mappings);
        println!("\na_million_live_are_small: {each} bytes each, {mapped} mappings");
        // On 32-bit processors a slot whose context travels on the stack takes as much as here, and i386 has no other.
        // Where all tables share a copy of 64 KiB, the 448 slots of one have pages of their own.
        let limit = match page_bytes() {
            4096 if cfg!(target_arch = "x86") => 80,
            4096 if cfg!(any(target_arch = "x86_64", target_arch = "s390x", target_arch = "arm")) => 64,
            4096 => 72,
            16384 => 88,
            _ => 200,
        };
        assert!(each <= limit, "{each} bytes each");
        // A copy has a page for 254 slots, on i386 for 127; or there is one of 64 KiB for 448, with those of other tables.
        let limit = if cfg!(target_arch = "x86") { 9 } else { 5 };
        assert!(mapped <= count / 1_000 * limit, "{mapped} mappings");
        drop(all);
    });
}

#[test]
fn ten_million_live_at_the_default_limit_of_mappings_and_again() {
    // Where it would take long the same with fewer.
    fn count() -> u64 {
        match () {
            () if emulated() || env::var_os("TRAMP_TEST_LIVE").is_some() => live(),
            () if cfg!(debug_assertions) => 1_000_000,
            () => 10_000_000,
        }
    }
    alone("ten_million_live_at_the_default_limit_of_mappings_and_again", || {
        let all = create(count());
        check(&all, 97);
        assert!(maps().lines().count() < 60_000);
        let rss = rss_bytes();
        drop(all);
        let all = create(count());
        check(&all, 97);
        assert!(rss_bytes() < rss + rss / 10, "the memory of the first was used again");
    });
}

#[test]
fn no_page_is_ever_writable_and_executable() {
    alone("no_page_is_ever_writable_and_executable", || {
        let all = create(20_000);
        check(&all, 1);
        for line in maps().lines() {
            let permissions = line.split(' ').nth(1).expect("permissions");
            assert!(!(permissions.contains('w') && permissions.contains('x')), "{line}");
        }
    });
}

/// Each copy of a region is made when slots beside it are wanted, and sealed then.
#[test]
fn no_copy_can_be_unmapped_where_the_system_seals() {
    alone("no_copy_can_be_unmapped_where_the_system_seals", || {
        let all = create(5_000);
        let seals = |name: &str, state: &str| name == "mseal" && state == "yes";
        if !diagnostics().features.iter().any(|feature| seals(feature.name, &feature.state)) {
            return println!("no_copy_can_be_unmapped_where_the_system_seals: skipped, it does not");
        }
        let pages: std::collections::HashSet<_> = all
            .iter()
            .map(|get| get.as_fn() as usize & !(page_bytes() - 1))
            .filter(|&page| maps().lines().any(|line| line.starts_with(&format!("{page:x}-"))))
            .collect();
        assert!(pages.len() > 5, "{} copies", pages.len());
        for page in pages {
            assert_eq!(unsafe { libc::munmap(std::ptr::with_exposed_provenance_mut(page), page_bytes()) }, -1);
            assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EPERM));
        }
        check(&all, 1);
    });
}

#[test]
fn a_code_table_can_not_be_made_writable() {
    alone("a_code_table_can_not_be_made_writable", || {
        let _live = occupy_direct_slots();
        let get = Trampoline::<Get>::new(|| 7).expect("a slot");
        let bytes = page_bytes();
        let page = (get.as_fn() as *const ()).map_addr(|address| address & !(bytes - 1)).cast_mut().cast();
        for protection in [libc::PROT_WRITE, libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC] {
            assert_eq!(unsafe { libc::mprotect(page, bytes, protection) }, -1);
            assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EACCES));
        }
        assert_eq!(unsafe { (get.as_fn())() }, 7);
    });
}

#[test]
fn without_descriptors_or_files_more_tables_are_mapped_all_the_same() {
    alone("without_descriptors_or_files_more_tables_are_mapped_all_the_same", || {
        let _live = occupy_direct_slots();
        // The master copy exists. Now nothing can be opened any more.
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const none) }, 0);
        assert!(fs::File::open("/proc/self/maps").is_err());
        check(&create(50_000), 1);
    });
}

#[test]
fn a_transient_failure_is_reported_and_not_remembered() {
    alone("a_transient_failure_is_reported_and_not_remembered", || {
        set_sources(&[Source::File]).expect("nothing was mapped yet"); // of the others one needs no descriptor
        let direct: Vec<_> = (0..tramp_rt::__private::DIRECT_DEFAULT)
            .map(|n| Trampoline::<Get>::new(move || n as u64).expect("a direct slot"))
            .collect();
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
        let none = libc::rlimit { rlim_cur: 0, ..limit };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const none) }, 0);

        let text = String::from("comes back");
        let failed = Trampoline::<Get>::new(move || text.len() as u64).expect_err("no file can be opened");
        assert!(matches!(failed.error, Error::NoSource(_)), "{failed}");
        let emfile = std::io::Error::from_raw_os_error(libc::EMFILE).to_string();
        assert!(failed.to_string().contains(&emfile), "{failed}");

        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        let get = Trampoline::<Get>::new(failed.closure).expect("a slot, now");
        assert_eq!(unsafe { (get.as_fn())() }, 10);
        drop(direct);
    });
}

#[test]
fn when_address_space_runs_out_it_is_said_and_nothing_is_lost() {
    if skipped_under_emulation("when_address_space_runs_out_it_is_said_and_nothing_is_lost") {
        return;
    }
    alone("when_address_space_runs_out_it_is_said_and_nothing_is_lost", || {
        let _live = occupy_direct_slots();
        let mut all = Vec::with_capacity(100_000);
        let mut text = String::with_capacity(1 << 20); // there will be no room for it later
        let mut count_mappings = || {
            text.clear();
            fs::File::open("/proc/self/maps").expect("/proc").read_to_string(&mut text).expect("/proc");
            text.lines().count()
        };
        let used: usize = maps().lines().map(mapping_bytes).sum();
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) }, 0);
        let tight = libc::rlimit { rlim_cur: (used + (2 << 20)) as libc::rlim_t, ..limit };
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const tight) }, 0);

        let failed = loop {
            let n = all.len() as u64;
            match Trampoline::<Get>::new(move || n) {
                Ok(get) => all.push(get),
                Err(failed) => break failed,
            }
            assert!(all.len() < 100_000, "the limit is not felt");
        };
        assert!(matches!(failed.error, Error::Reserve(_)), "{failed}");
        let mappings = count_mappings();
        for _ in 0..100 {
            let _ = Trampoline::<Get>::new(|| 0).map(std::mem::forget);
        }
        assert_eq!(count_mappings(), mappings, "a failed attempt leaves no mapping");

        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
        all.push(Trampoline::new(failed.closure).expect("a slot, now"));
        for (n, get) in (0..).zip(&all) {
            assert_eq!(unsafe { (get.as_fn())() }, n);
        }
    });
}

#[test]
fn when_mappings_run_out_it_is_said_and_nothing_is_lost() {
    if skipped_under_emulation("when_mappings_run_out_it_is_said_and_nothing_is_lost") {
        return;
    }
    alone("when_mappings_run_out_it_is_said_and_nothing_is_lost", || {
        let _live = occupy_direct_slots();
        // Before the limit is reached: an allocator may need a mapping for a vector that grows, as musl's does.
        let mut all = Vec::with_capacity(100_000);
        // Foreign mappings up to the limit: alternating protections keep the kernel from merging them.
        let mut foreign = Vec::with_capacity(70_000);
        loop {
            let protection = if foreign.len() % 2 == 0 { libc::PROT_READ } else { libc::PROT_NONE };
            let (flags, null) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, std::ptr::null_mut());
            let page = unsafe { libc::mmap(null, page_bytes(), protection, flags, -1, 0) };
            if page == libc::MAP_FAILED {
                break;
            }
            foreign.push(page);
            if foreign.len() > 1 << 20 {
                return; // no limit is in force
            }
        }
        let failed = loop {
            let n = all.len() as u64;
            match Trampoline::<Get>::new(move || n) {
                Ok(get) => all.push(get),
                Err(failed) => break failed,
            }
            assert!(all.len() < 100_000, "the limit is not felt");
        };
        assert!(matches!(failed.error, Error::Reserve(_) | Error::Copy(_)), "{failed}");
        let cause = std::io::Error::from_raw_os_error(libc::ENOMEM).to_string(); // C libraries word it differently
        assert!(failed.to_string().contains(&cause), "{failed}");
        let before = diagnostics();
        for _ in 0..100 {
            let _ = Trampoline::<Get>::new(|| 0).map(std::mem::forget);
        }
        let after = diagnostics();
        assert_eq!(
            (after.regions, after.slots.unused),
            (before.regions, before.slots.unused),
            "nothing more was taken"
        );

        for page in foreign {
            unsafe { libc::munmap(page, page_bytes()) };
        }
        all.push(Trampoline::new(failed.closure).expect("a slot, now"));
        for (n, get) in (0..).zip(&all) {
            assert_eq!(unsafe { (get.as_fn())() }, n);
        }
    });
}

fn mapping_bytes(line: &str) -> usize {
    let range = line.split(' ').next().expect("a range");
    let (start, end) = range.split_once('-').expect("two addresses");
    let parse = |address| usize::from_str_radix(address, 16).expect("an address");
    parse(end) - parse(start)
}
