//! Two TLS contexts, each with a key log and a record of its own.
//!
//! ```sh
//! cargo run -p openssl
//! ```
//!
//! OpenSSL hands a key log callback the connection and a line, and an info callback the connection and a number: no
//! user data. Here each context's callbacks are closures that own the context's end of a channel.

use std::error::Error;
use std::ffi::{CStr, c_char, c_int, c_ulong};
use std::fmt::Write as _;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::ptr::NonNull;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use openssl_sys as ffi;
use openssl_sys::{SSL, SSL_CTX};
use tramp_rt::Trampoline;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// A step of the handshake was made: `SSL_CTX_set_info_callback(3)`.
const SSL_CB_LOOP: c_int = 1;

type Info = Option<unsafe extern "C" fn(ssl: *const SSL, at: c_int, value: c_int)>;

unsafe extern "C" {
    fn SSL_CTX_set_info_callback(context: *mut SSL_CTX, callback: Info);
    fn SSL_set_fd(ssl: *mut SSL, descriptor: c_int) -> c_int;
    fn ERR_error_string_n(error: c_ulong, buffer: *mut c_char, length: usize);
    fn SSL_state_string_long(ssl: *const SSL) -> *const c_char;
}

/// What a context's callbacks tell.
#[derive(Debug, PartialEq)]
enum Event {
    /// A line in the format of NSS, for programs that decrypt what they captured.
    Key(String),
    Step(String),
}

struct Context {
    raw: NonNull<SSL_CTX>,
    _key_log: Trampoline<ffi::SSL_CTX_keylog_cb_func>,
    _info: Trampoline<Info>,
}

impl Context {
    fn new(events: Sender<Event>) -> Result<Self> {
        // SAFETY: no conditions.
        let raw = NonNull::new(unsafe { ffi::SSL_CTX_new(ffi::TLS_method()) }).ok_or_else(error)?;
        let steps = events.clone();
        // SAFETY: OpenSSL passes a C string that lives for the call.
        let key_log = Trampoline::new(move |_, line| drop(events.send(Event::Key(unsafe { text(line) }))))?;
        let info = Trampoline::new(move |ssl, at, _| {
            if at & SSL_CB_LOOP != 0 {
                // SAFETY: OpenSSL passes a connection that lives for the call; the names of its states are static.
                drop(steps.send(Event::Step(unsafe { text(SSL_state_string_long(ssl)) })));
            }
        })?;
        // SAFETY: the context is new, and it is gone when the trampolines go.
        unsafe {
            ffi::SSL_CTX_set_keylog_callback(raw.as_ptr(), key_log.as_fn());
            SSL_CTX_set_info_callback(raw.as_ptr(), info.as_fn());
        }
        let context = Self { raw, _key_log: key_log, _info: info };
        // A cipher suite that needs no certificate: whom one talks to is not what is shown here.
        // SAFETY: the context is valid, and so is the string.
        check(unsafe { ffi::SSL_CTX_set_cipher_list(raw.as_ptr(), c"AECDH-AES256-SHA:@SECLEVEL=0".as_ptr()) })?;
        Ok(context)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: it is ours, and connections borrow it: none is left.
        unsafe { ffi::SSL_CTX_free(self.raw.as_ptr()) }
    }
}

/// A connection, which holds its context.
struct Connection<'a> {
    raw: NonNull<SSL>,
    _context: &'a Context,
    socket: UnixStream,
}

#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
}

impl<'a> Connection<'a> {
    /// Shakes hands with who is at the other end of `socket`.
    fn new(context: &'a Context, socket: UnixStream, side: Side) -> Result<Self> {
        // SAFETY: the context is valid.
        let raw = NonNull::new(unsafe { ffi::SSL_new(context.raw.as_ptr()) }).ok_or_else(error)?;
        let connection = Self { raw, _context: context, socket };
        let descriptor = connection.socket.as_raw_fd();
        // SAFETY: the connection is valid, and its socket lives as long.
        check(unsafe { SSL_set_fd(raw.as_ptr(), descriptor) })?;
        // SAFETY: the connection is valid and has a socket.
        check(unsafe {
            match side {
                Side::Client => ffi::SSL_connect(raw.as_ptr()),
                Side::Server => ffi::SSL_accept(raw.as_ptr()),
            }
        })?;
        Ok(connection)
    }

    /// What the key log must say, asked of the connection itself.
    fn key_line(&self) -> String {
        let (mut random, mut key) = ([0; 32], [0; 48]);
        // SAFETY: the connection is valid and has a session; the buffers are as long as said.
        let written = unsafe {
            let session = ffi::SSL_get_session(self.raw.as_ptr());
            (
                ffi::SSL_get_client_random(self.raw.as_ptr(), random.as_mut_ptr(), random.len()),
                ffi::SSL_SESSION_get_master_key(session, key.as_mut_ptr(), key.len()),
            )
        };
        assert_eq!(written, (random.len(), key.len()), "TLS 1.2 has both");
        format!("CLIENT_RANDOM {} {}", hexadecimal(&random), hexadecimal(&key))
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        // SAFETY: it is ours.
        unsafe { ffi::SSL_free(self.raw.as_ptr()) }
    }
}

/// # Safety
///
/// It is a C string.
unsafe fn text(string: *const c_char) -> String {
    // SAFETY: it is a C string: the condition of `text`.
    unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("memory");
        text
    })
}

fn check(result: c_int) -> Result<()> {
    if result == 1 { Ok(()) } else { Err(error()) }
}

/// The last thing that OpenSSL complained of on this thread.
fn error() -> Box<dyn Error + Send + Sync> {
    let mut buffer = [0; 256];
    // SAFETY: it writes a C string of no more than the buffer's length.
    unsafe {
        ERR_error_string_n(ffi::ERR_get_error(), buffer.as_mut_ptr(), buffer.len());
        text(buffer.as_ptr()).into()
    }
}

/// What one side knows after a handshake.
struct Outcome {
    /// What its connection says that the key log must be.
    key: String,
    events: Receiver<Event>,
}

/// A handshake over a pair of sockets: the client's outcome, and the server's.
fn handshake() -> Result<(Outcome, Outcome)> {
    fn run(socket: UnixStream, side: Side) -> Result<Outcome> {
        let (sender, events) = channel();
        let context = Context::new(sender)?;
        let key = Connection::new(&context, socket, side)?.key_line();
        Ok(Outcome { key, events })
    }
    let (client, server) = UnixStream::pair()?;
    thread::scope(|scope| {
        let server = scope.spawn(move || run(server, Side::Server));
        let client = run(client, Side::Client);
        let server = server.join().expect("no panic");
        Ok((client?, server?))
    })
}

fn main() -> Result<()> {
    let (client, server) = handshake()?;
    for (name, side) in [("client", client), ("server", server)] {
        let mut logged = Vec::new();
        for event in side.events {
            println!("{name} {event:?}");
            if let Event::Key(line) = event {
                logged.push(line);
            }
        }
        if logged != [side.key] {
            return Err(format!("the {name}'s log is not of its own connection").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_and_steps(outcome: Outcome) -> (String, Vec<String>, Vec<String>) {
        let (mut keys, mut steps) = (Vec::new(), Vec::new());
        for event in outcome.events {
            match event {
                Event::Key(line) => keys.push(line),
                Event::Step(state) => steps.push(state),
            }
        }
        (outcome.key, keys, steps)
    }

    #[test]
    fn each_context_logs_the_key_that_its_connection_has() {
        let (client, server) = handshake().unwrap();
        let (client_key, client_log, _) = keys_and_steps(client);
        let (server_key, server_log, _) = keys_and_steps(server);
        assert_eq!(client_log, [client_key.as_str()]);
        assert_eq!(server_log, [server_key.as_str()]);
        assert_eq!(client_key, server_key);
    }

    #[test]
    fn each_context_sees_its_own_side_of_the_handshake() {
        let (client, server) = handshake().unwrap();
        let (_, _, client) = keys_and_steps(client);
        let (_, _, server) = keys_and_steps(server);
        assert!(client.iter().any(|step| step.contains("write client key exchange")), "{client:?}");
        assert!(server.iter().any(|step| step.contains("read client key exchange")), "{server:?}");
    }

    #[test]
    fn no_context_gets_the_key_of_another() {
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| handshake().unwrap().0)).collect();
        let outcomes: Vec<_> = threads.into_iter().map(|thread| keys_and_steps(thread.join().unwrap())).collect();
        for (index, (key, log, _)) in outcomes.iter().enumerate() {
            assert_eq!(log, std::slice::from_ref(key));
            assert!(outcomes[..index].iter().all(|(other, ..)| other != key));
        }
    }

    #[test]
    fn closures_go_when_their_context_goes() {
        let (sender, events) = channel();
        let context = Context::new(sender).unwrap();
        assert!(events.try_recv().is_err_and(|error| error == std::sync::mpsc::TryRecvError::Empty));
        drop(context);
        assert!(events.try_recv().is_err_and(|error| error == std::sync::mpsc::TryRecvError::Disconnected));
    }
}
