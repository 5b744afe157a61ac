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

const EMPTY: file_operations = file_operations { version: 1, open: None, close: None };

fn main() {
    let name = String::from("disk");
    let _ = Disk(&name).bind(EMPTY);
    let _ = Disk(&name).bind_local(EMPTY);
}
