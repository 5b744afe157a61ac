use tramp_rt::VaArgs;

#[derive(Clone, Copy)]
#[repr(C)]
struct Point {
    x: i32,
    y: i32,
}

fn read(mut args: VaArgs<'_>) {
    let _: f32 = unsafe { args.next() };
    let _ = unsafe { args.next::<u16>() };
    let _ = unsafe { args.next::<i8>() };
    let _ = unsafe { args.next::<bool>() };
    let _ = unsafe { args.next::<Point>() };
}

fn main() {}
