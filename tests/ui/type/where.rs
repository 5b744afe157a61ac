use tramp_rt::trampoline;

#[trampoline]
type Callback<T>
where
    T: Copy,
    Vec<T>: PartialEq,
= unsafe extern "C" fn(&T);

fn main() {}
