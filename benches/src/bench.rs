//! Measures tramp beside its peers and prints Markdown. Arguments choose measurements by name. Without arguments, all
//! measurements run, except those in `BY_NAME`.

mod callers;
mod calls;
mod checks;
mod child;
mod create;
mod direct_slots;
mod dynamic;
mod first;
mod instructions;
mod live;
mod machine;
mod memory;
mod owners;
mod programs;
mod race;
mod report;
mod size;
mod sort;
mod steps;
mod threads;
mod thunks;

use child::Child;
use report::Bars;

type Measurement = (&'static str, fn(&mut Bars));

const ALWAYS: [Measurement; 10] = [
    ("calls", calls::run),
    ("dynamic", dynamic::run),
    ("qsort", sort::run),
    ("create", create::run),
    ("checks", checks::run),
    ("threads", threads::run),
    ("first", first::run),
    ("live", live::run),
    ("instructions", instructions::run),
    ("size", size::run),
];

/// Runs only if it is named, because it takes long and changes with the compiler more than with the machine.
const BY_NAME: [Measurement; 1] = [("thunks", thunks::run)];

/// Measurements that run in processes of their own.
const CHILDREN: [Child; 4] = [
    ("live", live::child),
    ("first", first::child),
    ("threads", threads::child),
    ("instructions", instructions::child),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if child::serve(&CHILDREN, &arguments) {
        return;
    }
    let names: Vec<&str> = arguments.iter().map(|argument| argument.trim_start_matches('-')).collect();
    let chosen: Vec<Measurement> = if names.is_empty() {
        ALWAYS.to_vec()
    } else {
        ALWAYS.into_iter().chain(BY_NAME).filter(|(name, _)| names.contains(name)).collect()
    };
    if chosen.len() < names.len() {
        let known = ALWAYS.iter().chain(&BY_NAME).map(|&(name, _)| name).collect::<Vec<_>>().join(" ");
        eprintln!("no such measurement; there are: {known}");
        std::process::exit(2);
    }

    println!("Measured on: {}.", machine::line());
    println!(
        "Medians of {} or more rounds, in each of which all alternatives have their turn.\n",
        race::rounds::SECONDS
    );
    let mut bars = Bars::new();
    for (_, run) in chosen {
        run(&mut bars);
    }
    if !bars.is_empty() {
        println!("## What has to be reached\n\n{bars}");
    }
}
