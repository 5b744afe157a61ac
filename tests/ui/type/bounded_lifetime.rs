use tramp_rt::trampoline;

#[trampoline]
type Callback = for<'a, 'b: 'a> unsafe extern "C" fn(&'a i32, &'b i32);

fn main() {}
