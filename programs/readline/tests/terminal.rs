//! Both programs at a terminal, typed to.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::{Command, Stdio};
use std::{ptr, thread};

/// A terminal: what a person has, and what the program has.
fn terminal() -> (OwnedFd, OwnedFd) {
    let (mut person, mut program) = (-1, -1);
    // SAFETY: both descriptors are written, and are ours then. The rest may be absent.
    unsafe {
        let result = libc::openpty(&mut person, &mut program, ptr::null_mut(), ptr::null(), ptr::null());
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
        (OwnedFd::from_raw_fd(person), OwnedFd::from_raw_fd(program))
    }
}

/// The lines that `program` says it has read when `keys` are typed.
fn typed(program: &str, words: &[&str], keys: &str) -> Vec<String> {
    let (person, slave) = terminal();
    let stdio = || Stdio::from(slave.try_clone().unwrap());
    let mut child = Command::new(program)
        .args(words)
        .env("TERM", "dumb")
        .env("INPUTRC", "/dev/null")
        .stdin(stdio())
        .stdout(stdio())
        .stderr(stdio())
        .spawn()
        .unwrap();
    drop(slave);
    let mut person = File::from(person);
    let mut screen = person.try_clone().unwrap();
    let reader = thread::spawn(move || {
        let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
        // At the end of the program a terminal has an error, not an end.
        while let Ok(count @ 1..) = screen.read(&mut buffer) {
            text.extend_from_slice(&buffer[..count]);
        }
        String::from_utf8(text).unwrap()
    });
    person.write_all(keys.as_bytes()).unwrap();
    person.write_all(b"\x04").unwrap(); // the end of the input
    assert!(child.wait().unwrap().success());
    let screen = reader.join().unwrap();
    screen.lines().filter_map(|line| line.trim_end().strip_prefix("read: ").map(str::to_owned)).collect()
}

fn completes(program: &str) {
    let words = ["apple", "apricot", "banana"];
    // What is unique is completed, with a space; what is not, as far as it goes.
    assert_eq!(typed(program, &words, "b\t\n"), ["banana "]);
    assert_eq!(typed(program, &words, "a\t\n"), ["ap"]);
    assert_eq!(typed(program, &words, "apr\t\nap\tp\tb\t\n"), ["apricot ", "apple banana "]);
    assert_eq!(typed(program, &[], "no-such-word\t\n"), ["no-such-word"]);
    assert_eq!(typed(program, &["zebra"], "a\tz\tb\n"), ["azb"]);
}

#[test]
fn a_word_is_completed_from_the_captured_list() {
    completes(env!("CARGO_BIN_EXE_readline"));
}

#[test]
fn by_hand_it_is_the_same() {
    completes(env!("CARGO_BIN_EXE_by_hand"));
}
