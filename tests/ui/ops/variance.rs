use tramp_rt::Ops;

#[repr(C)]
pub struct Table<T> {
    get: Option<unsafe extern "C" fn() -> T>,
}

fn shorten<'a>(ops: Ops<Table<&'static str>>, _: &'a str) -> Ops<Table<&'a str>> {
    ops
}

fn main() {}
