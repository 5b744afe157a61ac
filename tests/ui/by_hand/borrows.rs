//! What C keeps borrows nothing, also for who names by hand what expansions are made of.

use tramp_rt::__private::{Shared, ThisThread, bind, prepare};

type Call = unsafe extern "C" fn();

fn main() {
    let count = 1;
    let _ = prepare::<Call, _, Shared, ThisThread>(|| _ = &count);
    let _ = bind::<Call, _, Shared, ThisThread, _>(&count, |count| move || _ = &count);
}
