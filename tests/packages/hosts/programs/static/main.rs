//! The same program, linked as `src/programs.rs` says.

fn main() -> std::process::ExitCode {
    hosts::main()
}
