//! Makes a round that fails shorter. It leaves out operations without which the round fails as well.

use std::time::Instant;

use crate::process::{self, End};
use crate::round::{self, Memory, Rounds};

/// How many seconds may be spent.
const MOST_SECONDS: u64 = 60;
/// How long one attempt may take.
const SECONDS: u32 = 20;

/// Does these operations of a round in a process, and returns how it ends.
fn attempt(rounds: &Rounds, number: u64, chosen: &[usize], silent: bool) -> End {
    process::wait(process::fork(SECONDS, || {
        if silent {
            process::silence();
        }
        rounds.set_sources(number);
        let operations = rounds.operations(number);
        let chosen = chosen.iter().map(|&at| operations[at]).collect();
        round::execute(chosen, &mut Memory::default());
    }))
}

/// Prints the shortest part of a round that was found to fail.
pub(crate) fn shorten(rounds: &Rounds, first: u64, failed: u64) {
    let operations = rounds.operations(failed);
    let fails = |chosen: &[usize]| attempt(rounds, failed, chosen, true) != End::Success;
    let mut chosen: Vec<_> = (0..operations.len()).collect();
    let seed = rounds.seed;
    if !fails(&chosen) && !fails(&chosen) {
        println!("by itself it does not fail; with those before it: fuzz replay {seed} {first}-{failed}");
        return;
    }
    let begun = Instant::now();
    let mut part = chosen.len().div_ceil(2);
    while begun.elapsed().as_secs() < MOST_SECONDS {
        let mut at = 0;
        let before = chosen.len();
        while at < chosen.len() && begun.elapsed().as_secs() < MOST_SECONDS {
            let mut shorter = chosen.clone();
            shorter.drain(at..(at + part).min(chosen.len()));
            if fails(&shorter) {
                chosen = shorter;
            } else {
                at += part;
            }
        }
        if part == 1 && chosen.len() == before {
            break;
        }
        part = part.div_ceil(2);
    }
    println!("operations of round {failed} with which it fails:");
    for &at in &chosen {
        println!("{at:5}  {:?}", operations[at]);
    }
    let end = attempt(rounds, failed, &chosen, false);
    let list: Vec<_> = chosen.iter().map(usize::to_string).collect();
    println!("these end with {end:?}: fuzz replay {seed} {failed} {}", list.join(","));
}
