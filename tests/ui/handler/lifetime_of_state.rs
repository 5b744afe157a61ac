use tramp_rt::trampoline;

#[trampoline]
extern "C" fn first<'a>(numbers: &'a Vec<i32>) -> Option<&'a i32> {
    numbers.first()
}

fn main() {}
