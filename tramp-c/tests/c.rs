//! Programs in C and assembly, compiled by a C compiler and linked with the library, shared and static.
//!
//! The compiler is `CC_<target>`, or `cc`. `TRAMP_TEST_RUNNER` names an emulator and its arguments.

#![cfg(all(unix, not(target_vendor = "apple")))] // see Cargo.toml

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, Once};
use std::{env, fs};

use tramp_test_support::program;

/// Rust's names of processors and those of the files in assembly.
const PROCESSOR: &str = if cfg!(target_arch = "x86") { "i386" } else { env::consts::ARCH };

/// How a program has the library.
#[derive(Clone, Copy, PartialEq)]
enum Linked {
    Shared,
    Static,
    /// It loads it itself.
    Not,
}

fn package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where cargo put the library, beside this program.
fn libraries() -> PathBuf {
    env::current_exe().expect("the program's own path").parent().expect("a folder").into()
}

/// Where programs are built, with the shared library under the name that it is loaded by.
fn folder() -> PathBuf {
    static MADE: Once = Once::new();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c");
    MADE.call_once(|| {
        fs::create_dir_all(&folder).expect("a folder");
        let link = folder.join("libtramp.so.0");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(libraries().join("libtramp.so"), link).expect("a link");
    });
    folder
}

fn compiler() -> Command {
    let name = format!("CC_{}", env!("TRAMP_C_TARGET").replace('-', "_"));
    Command::new(env::var(name).unwrap_or_else(|_| "cc".into()))
}

fn build(name: &str, sources: &[PathBuf], linked: Linked) -> PathBuf {
    let output = folder().join(name);
    let mut command = compiler();
    // `registers/*.S` use absolute addresses.
    command
        .args([
            "-std=gnu11",
            "-O1",
            "-Wall",
            "-Wextra",
            "-Wno-format-truncation",
            "-pthread",
            "-fno-pie",
            "-no-pie",
            "-o",
        ])
        .arg(&output);
    command.arg("-I").arg(package("include")).args(sources);
    match linked {
        Linked::Shared => {
            command
                .arg(libraries().join("libtramp.so"))
                .arg("-Wl,-rpath")
                .arg("-Wl,".to_owned() + &folder().display().to_string());
        }
        Linked::Static => {
            command.arg(libraries().join("libtramp.a")).args(["-lgcc_s", "-lutil", "-lrt", "-lm", "-ldl"]);
        }
        Linked::Not => {
            command.arg("-ldl");
        }
    }
    let done = command.output().expect("a C compiler");
    let messages = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}\n{messages}");
    assert!(!messages.contains("warning: "), "{messages}");
    output
}

fn source(name: &str) -> PathBuf {
    package(&format!("tests/programs/{name}.c"))
}

fn target() -> PathBuf {
    package(&format!("examples/target_{PROCESSOR}.S"))
}

fn registers() -> PathBuf {
    package(&format!("tests/registers/{PROCESSOR}.S"))
}

/// Runs a program, which has to succeed.
fn run(path: &Path, arguments: &[&str]) -> Output {
    let output = program(path).args(arguments).output().expect("a program");
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    assert!(
        output.status.success(),
        "{arguments:?}: {}\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

#[test]
fn every_function_keeps_its_promises() {
    run(&build("api", &[source("api"), target()], Linked::Shared), &[]);
}

#[test]
fn the_static_library_does_too() {
    run(&build("api-static", &[source("api"), target()], Linked::Static), &[]);
}

/// A library in Rust has tables of its own, without those of the C library.
#[test]
fn a_rust_library_may_be_linked_beside_it() {
    if env::var_os("TRAMP_TEST_RUNNER").is_some() || env!("TRAMP_C_TARGET") != "x86_64-unknown-linux-gnu" {
        println!("a_rust_library_may_be_linked_beside_it: skipped, it drives this machine's cargo");
        return;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("beside");
    let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--manifest-path"])
        .arg(package("tests/beside/Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let sources = [source("beside"), self::target(), target.join("debug/libbeside.a")];
    run(&build("beside", &sources, Linked::Static), &[]);
}

#[test]
fn the_protocol_is_exact() {
    run(&build("protocol", &[source("protocol"), registers(), target()], Linked::Shared), &[]);
}

/// Emulators do not lack memory as a system does.
#[test]
fn nested_functions_have_trampolines() {
    let emulated: &[&str] = if env::var_os("TRAMP_TEST_RUNNER").is_some() { &["emulated"] } else { &[] };
    let nested = package("nested/nested.c");
    run(&build("nested", &[source("nested"), nested.clone()], Linked::Shared), emulated);
    run(&build("nested-static", &[source("nested"), nested], Linked::Static), emulated);
}

#[test]
fn threads_set_call_and_fork() {
    run(&build("threads", &[source("threads"), target()], Linked::Shared), &[]);
}

#[test]
fn stress() {
    let operations = if env::var_os("TRAMP_TEST_RUNNER").is_some() { "5000" } else { "50000" };
    run(&build("stress", &[source("stress"), target()], Linked::Shared), &["8", operations]);
}

#[test]
fn the_example_sorts() {
    let output = run(&build("qsort", &[package("examples/qsort.c")], Linked::Shared), &[]);
    let expected = "a2b b3a c1c, 3 comparisons\nc1c a2b b3a, 3 comparisons\n";
    let said = String::from_utf8_lossy(&output.stdout);
    let words = |text: &str| text.lines().map(|line| line.split(',').next().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(words(&said), words(expected));
}

fn late(takers: &[&str]) {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| build("late", &[source("late")], Linked::Not));
    let library = libraries().join("libtramp.so");
    run(&PROGRAM, &[&[library.to_str().expect("UTF-8")], takers].concat());
}

#[test]
fn it_may_be_opened_while_threads_run() {
    late(&[]);
}

/// Libraries that are opened late and demand a place in the static TLS block take all that glibc keeps for such libraries.
/// `late` checks that one of them is refused.
#[test]
fn it_may_be_opened_when_static_tls_is_exhausted() {
    if env::var_os("TRAMP_TEST_RUNNER").is_some() || !cfg!(target_env = "gnu") {
        println!("it_may_be_opened_when_static_tls_is_exhausted: skipped, it knows glibc on this machine");
        return;
    }
    let sizes = [1024, 1024, 512, 512, 256, 256, 128, 64, 32, 16, 8, 8, 8, 8];
    let takers = sizes.iter().enumerate().map(|(number, bytes)| {
        let taker = folder().join(format!("taker{number}.so"));
        let mut command = compiler();
        command.args(["-shared", "-fPIC", "-o"]).arg(&taker).arg(format!("-DBYTES={bytes}")).arg(source("late"));
        assert!(command.status().expect("a C compiler").success(), "{command:?}");
        taker.to_str().expect("UTF-8").to_owned()
    });
    let takers: Vec<String> = takers.collect();
    late(&takers.iter().map(String::as_str).collect::<Vec<_>>());
}

/// libffi is not there for other processors, and not on every machine.
#[test]
fn libffis_closures_for_go_need_no_code_at_run_time() {
    let header = Path::new("/usr/include/x86_64-linux-gnu/ffi.h");
    if env::var_os("TRAMP_TEST_RUNNER").is_some()
        || env!("TRAMP_C_TARGET") != "x86_64-unknown-linux-gnu"
        || !header.exists()
    {
        println!("libffis_closures_for_go_need_no_code_at_run_time: skipped, there is no libffi");
        return;
    }
    let output = run(&build("libffi_go", &[package("examples/libffi_go.c"), "-lffi".into()], Linked::Shared), &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "140\n181\n222\n");
}

fn weakness(name: &str) {
    static PROGRAM: LazyLock<PathBuf> =
        LazyLock::new(|| build("weaknesses", &[source("weaknesses"), target()], Linked::Not));
    run(&PROGRAM, &[name, libraries().join("libtramp.so").to_str().expect("UTF-8")]);
}

/// One test for each, so that each has its name.
macro_rules! weaknesses {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            weakness(stringify!($name));
        }
    )* };
}

weaknesses! { w1 w2 w3 w4_w5 w6 w7 w8 w9 w10 w11 w12 w13_w14 w17 w18 w19 w20 w21 w22 w23 }

/// A program that calls C functions of many numbers of arguments, each through a trampoline that was allocated for these.
fn arguments_program() -> String {
    let mut functions = String::from("#include \"check.h\"\n\nstatic long token;\n");
    let mut calls = String::new();
    let floats_beyond = if cfg!(target_arch = "arm") { 8 } else { 20 };
    for integers in 0..14_usize {
        for floats in [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 14] {
            if floats > floats_beyond {
                let _ = writeln!(calls, "    CHECK(tramp_alloc_arguments({integers}, {floats}) == NULL);");
                continue;
            }
            for order in ["integers_first", "floats_first", "in_turn"] {
                // True is an integer.
                let kinds: Vec<bool> = match order {
                    "integers_first" => [vec![true; integers], vec![false; floats]].concat(),
                    "floats_first" => [vec![false; floats], vec![true; integers]].concat(),
                    _ => (0..integers.max(floats))
                        .flat_map(|i| [(i < integers).then_some(true), (i < floats).then_some(false)])
                        .flatten()
                        .collect(),
                };
                let name = format!("f_{integers}_{floats}_{order}");
                let [mut parameters, mut types, mut checks, mut values] = [const { String::new() }; 4];
                for (index, &is_integer) in kinds.iter().enumerate() {
                    let kind = if is_integer { "long" } else { "double" };
                    let value = if is_integer { format!("{}L", 1000 + index) } else { format!("{index}.25") };
                    let _ = write!(parameters, "{kind} a{index}, ");
                    let _ = write!(types, "{}{kind}", if index == 0 { "" } else { ", " });
                    let _ = write!(checks, " && a{index} == {value}");
                    let _ = write!(values, "{}{value}", if index == 0 { "" } else { ", " });
                }
                let types = if types.is_empty() { "void".into() } else { types };
                let _ = writeln!(
                    functions,
                    "static double {name}({parameters}void *context) {{ return context == &token{checks} ? {}.5 : -1; }}",
                    kinds.len()
                );
                let _ = writeln!(calls, "    {{ void *tramp = tramp_alloc_arguments({integers}, {floats});");
                let _ = writeln!(
                    calls,
                    "      double (*call)({types}) = (double (*)({types}))tramp_bind(tramp, (tramp_function){name}, &token);"
                );
                let _ = writeln!(calls, "      CHECK(call != NULL && call({values}) == {}.5);", kinds.len());
                let _ = writeln!(calls, "      ffi_tramp_free(tramp); }}");
            }
        }
    }
    let registers: &[&str] = match PROCESSOR {
        "x86_64" => &["rdi", "rsi", "rdx", "rcx", "r8", "r9"],
        "aarch64" => &["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"],
        "arm" => &["r0", "r1", "r2", "r3"],
        "riscv64" | "loongarch64" => &["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"],
        "powerpc64" => &["r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10"],
        "s390x" => &["r2", "r3", "r4", "r5"],
        _ => &[],
    };
    for (index, register) in registers.iter().enumerate() {
        let list = |item: fn(usize) -> String| (0..index).map(item).collect::<Vec<_>>().join(", ");
        let types = if index == 0 { "void".into() } else { list(|_| "long".into()) };
        let _ = writeln!(calls, "    {{ void *tramp = tramp_alloc_register(\"{register}\");");
        let _ = writeln!(
            calls,
            "      double (*call)({types}) = (double (*)({types}))tramp_bind(tramp, (tramp_function)f_{index}_0_in_turn, &token);"
        );
        let _ =
            writeln!(calls, "      CHECK(call != NULL && call({}) == {index}.5);", list(|i| format!("{}L", 1000 + i)));
        let _ = writeln!(calls, "      ffi_tramp_free(tramp); }}");
    }
    functions + "\nint main(void) {\n" + &calls + "    return 0;\n}\n"
}

#[test]
fn contexts_arrive_behind_any_number_of_arguments() {
    let path = folder().join("arguments.c");
    fs::write(&path, arguments_program()).expect("a writable file");
    let check = package("tests/programs/check.h");
    fs::copy(check, folder().join("check.h")).expect("a writable file");
    run(&build("arguments", &[path], Linked::Shared), &[]);
}
