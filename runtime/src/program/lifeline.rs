//! The lifeline of main: a connection to what started it, which closes when that is no more.
//!
//! Kernels watch the pipe on their standard input; main's standard input belongs to the user.

use std::io::Read;
use std::net::TcpStream;

/// Where the lifeline is, if there is one.
const VARIABLE: &str = "CMSL_LIFELINE";
/// The exit status when it breaks: what failed was around main.
const STATUS: i32 = 125;

/// Ends this process as soon as the lifeline breaks; without one, does nothing.
pub(super) fn hold() {
    let Ok(address) = std::env::var(VARIABLE) else {
        return;
    };
    std::thread::spawn(move || {
        if let Ok(mut stream) = TcpStream::connect(address) {
            // Nothing is ever sent: the read returns when the other end is gone.
            let _ = stream.read(&mut [0]);
        }
        std::process::exit(STATUS);
    });
}
