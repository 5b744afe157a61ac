//! Downloads what a URL names, to standard output, and no more of it than it is told.
//!
//! ```sh
//! cargo run -p curl -- file:///etc/os-release 80
//! ```
//!
//! libcurl hands its write callback the piece that arrived, and user data, which leads to the closure: that borrows
//! where the pieces go, and takes no slot.

use std::env;
use std::error::Error;
use std::ffi::{CStr, CString, c_long};
use std::io::{self, Write};
use std::ptr::NonNull;
use std::slice;

use curl_sys as ffi;
use tramp_rt::{Trampoline, UserData, trampoline};

/// `CURLOPT_WRITEFUNCTION(3)`, where the last argument is what was given as `CURLOPT_WRITEDATA`.
#[trampoline]
#[on_panic(return = usize::MAX)] // not a piece's length, so that libcurl stops
type WriteFunction = unsafe extern "C" fn(piece: *const u8, size: usize, count: usize, data: UserData) -> usize;

/// Gives `receive` what `url` names, piece by piece, until it has had enough and returns false.
fn download(url: &CStr, mut receive: impl FnMut(&[u8]) -> bool) -> Result<(), Box<dyn Error>> {
    struct Handle(NonNull<ffi::CURL>);
    impl Drop for Handle {
        fn drop(&mut self) {
            // SAFETY: it is ours.
            unsafe { ffi::curl_easy_cleanup(self.0.as_ptr()) }
        }
    }
    // SAFETY: no conditions.
    let handle = Handle(NonNull::new(unsafe { ffi::curl_easy_init() }).ok_or("no memory for a handle")?);
    let curl = handle.0.as_ptr();
    let mut had_enough = false;
    let write = |piece, size, count| {
        // SAFETY: libcurl passes as many bytes, valid for the call.
        let piece = unsafe { slice::from_raw_parts(piece, size * count) };
        had_enough = !receive(piece);
        // Any other number than the piece's length makes libcurl stop; and a piece may be empty.
        if had_enough { usize::MAX } else { piece.len() }
    };
    let code = Trampoline::<WriteFunction>::scoped_mut(write, |(write, data)| {
        // SAFETY: the handle is valid, and each option has a value of its type. The callback is called by this thread,
        // before `curl_easy_perform` returns.
        unsafe {
            ffi::curl_easy_setopt(curl, ffi::CURLOPT_URL, url.as_ptr());
            ffi::curl_easy_setopt(curl, ffi::CURLOPT_FAILONERROR, c_long::from(true));
            ffi::curl_easy_setopt(curl, ffi::CURLOPT_WRITEFUNCTION, write);
            ffi::curl_easy_setopt(curl, ffi::CURLOPT_WRITEDATA, data);
            ffi::curl_easy_perform(curl)
        }
    })
    .map_err(|failed| failed.to_string())?;
    match code {
        ffi::CURLE_OK => Ok(()),
        ffi::CURLE_WRITE_ERROR if had_enough => Ok(()),
        // SAFETY: libcurl's texts are C strings, and they are static.
        code => Err(unsafe { CStr::from_ptr(ffi::curl_easy_strerror(code)) }.to_string_lossy().into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let url = CString::new(args.next().ok_or("usage: curl URL [BYTES]")?)?;
    let mut left = args.next().map_or(Ok(usize::MAX), |bytes| bytes.parse())?;
    let mut out = io::stdout().lock();
    let mut written = Ok(());
    download(&url, |piece| {
        let piece = &piece[..piece.len().min(left)];
        left -= piece.len();
        written = out.write_all(piece);
        written.is_ok() && left > 0
    })?;
    Ok(written?)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::{panic, thread};

    use super::*;

    /// Answers one request with `body`, and says where.
    fn serve(status: &'static str, body: Vec<u8>) -> CString {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            BufReader::new(&socket).lines().find(|line| line.as_ref().is_ok_and(String::is_empty));
            let head = format!("HTTP/1.0 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            // The client may leave early.
            let _ = socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(&body));
        });
        CString::new(url).unwrap()
    }

    fn body() -> Vec<u8> {
        (0..1_000_003_u32).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[test]
    fn a_download_is_what_was_served() {
        let (mut received, mut pieces) = (Vec::new(), 0);
        download(&serve("200 OK", body()), |piece| {
            received.extend_from_slice(piece);
            pieces += 1;
            true
        })
        .unwrap();
        assert!(received == body(), "{} bytes", received.len());
        assert!(pieces > 1);
    }

    #[test]
    fn downloads_at_a_time_have_closures_of_their_own() {
        let threads: Vec<_> = (0..12_u8)
            .map(|number| {
                thread::spawn(move || {
                    let mut received = Vec::new();
                    let url = serve("200 OK", vec![number; 300_000]);
                    download(&url, |piece| received.write_all(piece).is_ok()).unwrap();
                    assert!(received == vec![number; 300_000], "{number}");
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn enough_is_enough() {
        let mut received = 0;
        download(&serve("200 OK", body()), |piece| {
            received += piece.len();
            received < 100_000
        })
        .unwrap();
        assert!((100_000..1_000_003).contains(&received), "{received}");
    }

    #[test]
    fn a_panic_ends_the_download_and_goes_on() {
        let url = serve("200 OK", body());
        let panicked = panic::catch_unwind(|| download(&url, |piece| panic::panic_any(piece.len())));
        assert!(panicked.unwrap_err().downcast::<usize>().is_ok());
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let error = download(&serve("404 Not Found", body()), |_| unreachable!()).unwrap_err();
        assert!(error.to_string().contains("HTTP response code"), "{error}");
    }
}
