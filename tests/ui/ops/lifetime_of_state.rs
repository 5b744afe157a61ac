use tramp_rt::trampoline;

#[repr(C)]
struct file_operations {
    open: Option<unsafe extern "C" fn(name: &str)>,
}

struct Disk<'a>(&'a str);

#[trampoline(ops = file_operations)]
impl<'a> Disk<'a> {
    extern "C" fn open(&mut self, name: &'a str) {
        self.0 = name;
    }
}

struct Tape<'a, 'b>(&'a str, &'b str);

#[trampoline(ops = file_operations)]
impl<'a: 'b, 'b> Tape<'a, 'b> {
    extern "C" fn open(&mut self, _: &str) {
        self.1 = self.0;
    }
}

fn main() {}
