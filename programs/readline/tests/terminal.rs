//! Both programs at a terminal, typed to.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::{Command, Stdio};
use std::ptr;

/// A terminal: what a person has, and what the program has.
fn terminal() -> (OwnedFd, OwnedFd) {
    let (mut person, mut program) = (-1, -1);
    // SAFETY: both descriptors are written, and are ours then. The rest may be absent.
    unsafe {
        let result = libc::openpty(&raw mut person, &raw mut program, ptr::null_mut(), ptr::null(), ptr::null());
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
        (OwnedFd::from_raw_fd(person), OwnedFd::from_raw_fd(program))
    }
}

/// What the program has written.
struct Screen {
    terminal: File,
    text: Vec<u8>,
}

impl Screen {
    /// Waits for more; false once the program has ended, which for a terminal is an error.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let count = self.terminal.read(&mut buffer).unwrap_or(0);
        self.text.extend_from_slice(&buffer[..count]);
        count > 0
    }

    /// How often the program has asked for a line: at its start, and after each that it says it has read.
    fn prompts(&self) -> usize {
        let text = String::from_utf8_lossy(&self.text);
        let answered: usize = text.matches("read: ").count();
        let asked = text.rsplit("read: ").next().is_some_and(|rest| rest.contains("> "));
        answered + usize::from(asked)
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
    let mut screen = Screen { terminal: person.try_clone().unwrap(), text: Vec::new() };
    // Typed when the program asks: before, the terminal would take the keys its own way. Then the end of the input.
    for (prompts, line) in (1..).zip(keys.split_inclusive('\n').chain(["\x04"])) {
        while screen.prompts() < prompts {
            assert!(screen.read(), "no prompt {prompts}");
        }
        person.write_all(line.as_bytes()).unwrap();
    }
    while screen.read() {}
    assert!(child.wait().unwrap().success());
    let screen = String::from_utf8(screen.text).unwrap();
    screen.lines().filter_map(|line| line.trim_end_matches('\r').strip_prefix("read: ").map(str::to_owned)).collect()
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
