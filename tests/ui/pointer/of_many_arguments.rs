use tramp_rt::Trampoline;

type Seventeen =
    unsafe extern "C" fn(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8);

fn main() {
    let _ = Trampoline::<Seventeen>::new(|_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _| ());
}
