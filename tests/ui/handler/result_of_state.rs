use tramp_rt::trampoline;

#[trampoline]
extern "C" fn largest(numbers: &Vec<i32>) -> Option<&i32> {
    numbers.iter().max()
}

fn main() {}
