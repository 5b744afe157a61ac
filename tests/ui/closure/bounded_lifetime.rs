use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl for<'a, 'b: 'a> FnMut(&'a i32, &'b i32));
}

fn main() {}
