use tramp_rt::trampoline;

#[trampoline]
type Choose = unsafe extern "C" fn(&i32, &i32) -> &i32;

#[trampoline]
unsafe extern "C" {
    fn set_chooser(choose: impl Fn(&i32, Option<&i32>) -> &i32);
}

#[trampoline]
extern "C" fn choose(state: String, this: &i32, that: &i32) -> &i32 {
    drop((state, that));
    this
}

#[trampoline]
type First = for<'a> unsafe extern "C" fn(&'a i32, &i32) -> &i32;

fn main() {}
