//! Says how large the packets in a file are, by libpcap.
//!
//! ```sh
//! cargo run -p pcap -- capture.pcap   # without an argument, the program writes a file with three packets and reads it
//! ```
//!
//! libpcap's user data is a `u_char *`. So the declarations have `UserData<*mut u8>`, and the closure borrows what it counts.

use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int};
use std::fs;
use std::path::Path;
use std::slice;

use tramp_rt::{UserData, trampoline};

/// `pcap_t`, which only libpcap looks into.
#[repr(C)]
struct Pcap {
    _private: [u8; 0],
}

/// `struct pcap_pkthdr`, as Linux has it on 64 bits: the time, the number of kept bytes, and the packet's number of bytes.
#[repr(C)]
struct Header {
    seconds: i64,
    microseconds: i64,
    kept: u32,
    bytes: u32,
}

#[link(name = "pcap")]
unsafe extern "C" {
    fn pcap_open_offline(path: *const c_char, error: *mut c_char) -> *mut Pcap;
    fn pcap_breakloop(pcap: *mut Pcap);
    fn pcap_close(pcap: *mut Pcap);
}

#[trampoline]
unsafe extern "C" {
    // int pcap_loop(pcap_t *, int count, void (*)(u_char *user, const struct pcap_pkthdr *, const u_char *), u_char *user);
    fn pcap_loop(
        pcap: *mut Pcap,
        count: c_int,
        handler: impl FnMut(UserData<*mut u8>, *const Header, *const u8),
        user: UserData<*mut u8>,
    ) -> c_int;
}

/// A file of packets.
struct Capture(*mut Pcap);

impl Capture {
    fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        let path = CString::new(path.to_str().ok_or("a path that is no text")?)?;
        let mut error = [0; 256];
        // SAFETY: a C string, and the room that libpcap asks for.
        unsafe {
            let pcap = pcap_open_offline(path.as_ptr(), error.as_mut_ptr());
            if pcap.is_null() { Err(CStr::from_ptr(error.as_ptr()).to_string_lossy().into()) } else { Ok(Self(pcap)) }
        }
    }

    /// Calls `visit` with each packet that is left, until `visit` returns `false`. Returns whether it got all of them.
    fn each(&mut self, mut visit: impl FnMut(&Header, &[u8]) -> bool) -> bool {
        let pcap = self.0;
        // SAFETY: it is open. libpcap calls before it returns, on this thread, with a header and as many bytes as the header
        // says. A callback may call `pcap_breakloop`.
        let status = unsafe {
            pcap_loop(pcap, -1, |header, bytes| {
                let header = &*header;
                if !visit(header, slice::from_raw_parts(bytes, header.kept as usize)) {
                    pcap_breakloop(pcap);
                }
            })
        };
        status == 0
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // SAFETY: it is open, and closed once.
        unsafe { pcap_close(self.0) }
    }
}

/// A file of libpcap's format with `packets`, a second apart. They are Ethernet's, in this processor's byte order.
fn file(packets: &[&[u8]]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xA1B2_C3D4, 0x0004_0002, 0, 0, 65535, 1_u32] {
        file.extend(word.to_ne_bytes());
    }
    for (second, packet) in (1_u32..).zip(packets) {
        let bytes = u32::try_from(packet.len()).expect("a packet");
        for word in [second, 0, bytes, bytes] {
            file.extend(word.to_ne_bytes());
        }
        file.extend(*packet);
    }
    file
}

fn main() -> Result<(), Box<dyn Error>> {
    let written = env::temp_dir().join(format!("tramp-{}.pcap", std::process::id()));
    let path = env::args().nth(1);
    if path.is_none() {
        fs::write(&written, file(&[&[0; 60], &[1; 1500], &[2; 90]]))?;
    }
    let capture = Capture::open(path.as_ref().map_or(&written, Path::new));
    if path.is_none() {
        fs::remove_file(&written)?;
    }
    let (mut packets, mut total, mut largest) = (0, 0, 0);
    let all = capture?.each(|header, _| {
        (packets, total, largest) = (packets + 1, total + u64::from(header.bytes), largest.max(header.bytes));
        true
    });
    println!("{packets} packets, {total} bytes, the largest with {largest}");
    if all { Ok(()) } else { Err("the file is damaged behind them".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(name: &str, text: &[u8]) -> Result<Capture, Box<dyn Error>> {
        let path = env::temp_dir().join(format!("tramp-{name}-{}.pcap", std::process::id()));
        fs::write(&path, text).unwrap();
        let capture = Capture::open(&path);
        fs::remove_file(path).unwrap();
        capture
    }

    #[test]
    fn a_closure_gets_each_packet_that_the_file_has() {
        let mut seen = Vec::new();
        let all = capture("all", &file(&[b"first", b"", b"the third"])).unwrap().each(|header, bytes| {
            seen.push((header.seconds, bytes.to_vec()));
            true
        });
        assert!(all);
        assert_eq!(seen, [(1, b"first".to_vec()), (2, vec![]), (3, b"the third".to_vec())]);
    }

    #[test]
    fn a_closure_stops_and_the_next_one_goes_on() {
        let mut capture = capture("stop", &file(&[b"a", b"b", b"c"])).unwrap();
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        assert!(!capture.each(|_, bytes| {
            first.extend(bytes);
            first.len() < 2
        }));
        assert!(capture.each(|_, bytes| {
            rest.extend(bytes);
            true
        }));
        assert_eq!((&first[..], &rest[..]), (&b"ab"[..], &b"c"[..]));
    }

    #[test]
    fn a_file_that_ends_early_is_an_error() {
        let text = file(&[b"first", b"second"]);
        let mut packets = 0;
        let all = capture("cut", &text[..text.len() - 1]).unwrap().each(|_, _| {
            packets += 1;
            true
        });
        assert!(!all && packets == 1);
        assert!(capture("none", b"no capture").is_err());
    }
}
