//! `hosts`: see the library.

fn main() -> std::process::ExitCode {
    hosts::main()
}
