use tramp_rt::trampoline;

#[trampoline]
unsafe extern "C" {
    fn each(visit: impl Fn(i32)) {
        visit(1)
    }
}

fn main() {}
