use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    version: i32,
    open: Option<unsafe extern "C" fn(flags: i32) -> i32>,
    close: Option<extern "C" fn()>,
}

struct Disk<'a>(&'a str);

#[trampoline(ops = file_operations)]
impl<'a> Disk<'a> {
    extern "C" fn open(&mut self, _: i32) -> i32 {
        self.0.len() as i32
    }
}

struct Tape<'a>(&'a str);

#[trampoline(ops = file_operations)]
impl Tape<'static> {
    extern "C" fn open(&mut self, _: i32) -> i32 {
        self.0.len() as i32
    }
}

fn main() {
    let name = String::from("tape");
    let _ = Tape(&name).bind(file_operations { version: 1, open: None, close: None });
}
