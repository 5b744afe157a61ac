use tramp_rt::{Trampoline, UserData, trampoline};

#[trampoline]
type OfClass = unsafe extern "C" fn(data: UserData<u32>);

#[trampoline]
type OfReference = unsafe extern "C" fn(data: UserData<&'static i32>);

#[trampoline]
type Bytes = unsafe extern "C" fn(data: UserData<*mut u8>);

fn main() {
    let bytes = Trampoline::<Bytes>::new(|| ()).unwrap();
    let (call, data) = bytes.as_fn();
    let data: UserData = data;
    unsafe { call(data) };
}
