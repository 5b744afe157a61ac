//! Equal closures in several crates do what each was bound to; with an argument, a late call is caught though another
//! crate's equal closure has the slot.

fn main() {
    for n in 0..50 {
        // More than there are direct slots, made in one crate and called in the other.
        let all = [
            left::own(n),
            right::own(n + 1),
            left::common(n + 2),
            right::common(n + 3),
            shared::adder(n + 4),
            left::own(n + 5),
        ];
        for (i, callee) in (0..).zip(&all) {
            assert_eq!((left::call(callee, 100), right::call(callee, 200)), (100 + n + i, 200 + n + i));
        }
    }
    if std::env::args().nth(1).is_some() {
        let gone = left::own(1);
        let late = gone.as_fn();
        drop(gone);
        let _others = [right::own(2), right::own(3), right::common(4), right::own(5)];
        // SAFETY: none; this is the misuse that has to be caught.
        unsafe { late(1) };
    }
    println!("done");
}
