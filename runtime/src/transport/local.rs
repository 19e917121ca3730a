//! The short way between a program and the kernel of its own host.
//!
//! Beside each TCP listener there is a Unix socket, named after the listener's address in the abstract
//! namespace: it needs no file, and is gone with its process. What goes through it is the same, frame for
//! frame, at about half the cost. It is an offer only: whoever cannot use it dials the TCP address, which is
//! also what happens where there is no such namespace (other systems than Linux).

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::handshake::{self, FIRST_FRAME_BYTES_MAX, Identity};
use super::tcp::{Driven, HANDSHAKE_TIMEOUT};
use super::{Closed, Guard, Handler, Origin, Peer};
use crate::thread::spawn;
use crate::wire::{FRAME_BYTES_MAX, Frame, FrameDecoder};

/// Each has two threads; who comes later is left to the TCP listener.
pub const LOCAL_CONNECTIONS_MAX: usize = 16;

#[cfg(target_os = "linux")]
fn name(address: &str) -> io::Result<std::os::unix::net::SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    std::os::unix::net::SocketAddr::from_abstract_name(format!("cmsl-kernel-{address}"))
}

#[cfg(target_os = "linux")]
fn bind(address: &str) -> io::Result<UnixListener> {
    UnixListener::bind_addr(&name(address)?)
}

/// Connects to the kernel that listens at this TCP address, if it is on this host.
#[cfg(target_os = "linux")]
pub(crate) fn connect(address: &str) -> io::Result<UnixStream> {
    UnixStream::connect_addr(&name(address)?)
}

#[cfg(not(target_os = "linux"))]
fn bind(_address: &str) -> io::Result<UnixListener> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Connects to the kernel that listens at this TCP address, if it is on this host.
#[cfg(not(target_os = "linux"))]
pub(crate) fn connect(_address: &str) -> io::Result<UnixStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Offers the short way to the listener at this TCP address until the result is dropped.
///
/// # Errors
/// If there is no such way on this system.
pub(super) fn listen(
    address: &str,
    identity: Identity,
    handler: Arc<dyn Handler>,
) -> io::Result<Guard> {
    let listener = bind(address)?;
    let stopped = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&stopped);
    let address = address.to_owned();
    spawn("local", move || {
        accept(&listener, &identity, &handler, &end)
    })?;
    Ok(Guard(Box::new(move || {
        stopped.store(true, Ordering::Release);
        // Wakes the thread that accepts; if it is gone, so much the better.
        let _ = connect(&address);
    })))
}

fn accept(
    listener: &UnixListener,
    identity: &Identity,
    handler: &Arc<dyn Handler>,
    stopped: &AtomicBool,
) {
    let connections = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        if stopped.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else {
            // Out of file descriptors, most likely: not a reason to spin.
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        let Some(place) = Place::take(&connections) else {
            continue;
        };
        let (identity, handler) = (identity.clone(), Arc::clone(handler));
        let started = spawn("receive", move || {
            let why = match introduce(&stream, Origin::Accepted, &identity, "this host") {
                Ok((decoder, peer)) => Driven::new(stream, decoder, peer).run(handler.as_ref()),
                Err(why) => why,
            };
            drop(place);
            if let Closed::Garbage(why) | Closed::Refused(why) = why {
                handler.note(&format!("closed a connection from this host: {why}"));
            }
        });
        // Without a thread the stream is dropped: the peer goes to the TCP listener.
        drop(started);
    }
}

/// One of the places there are.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>) -> Option<Self> {
        let before = taken.fetch_add(1, Ordering::AcqRel);
        let place = Self(Arc::clone(taken));
        (before < LOCAL_CONNECTIONS_MAX).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A stream whose reads can be bounded in time.
pub(crate) trait Timed {
    /// See [`TcpStream::set_read_timeout`].
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
}

impl Timed for TcpStream {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(timeout)
    }
}

impl Timed for UnixStream {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(timeout)
    }
}

/// Introduces the two ends of a new stream, on this thread; reads block without limit afterwards.
pub(crate) fn introduce<S: Timed>(
    stream: &S,
    origin: Origin,
    own: &Identity,
    address: &str,
) -> Result<(FrameDecoder, Peer), Closed>
where
    for<'a> &'a S: Read + Write,
{
    let network = |error: io::Error| Closed::Network(error.to_string());
    let mut writer = stream;
    if origin == Origin::Dialed {
        writer.write_all(&handshake::hello(own)).map_err(network)?;
    }
    let mut decoder = FrameDecoder::new(FIRST_FRAME_BYTES_MAX);
    let first = first_frame(stream, &mut decoder)?;
    let identity = match handshake::meet(own, &first) {
        Ok(identity) => identity,
        Err(why) => {
            // The peer learns why if it still listens; that it may not is no second error.
            let _ = writer.write_all(&handshake::refusal(&why.to_string()));
            return Err(why);
        }
    };
    if origin == Origin::Accepted {
        writer.write_all(&handshake::hello(own)).map_err(network)?;
    }
    stream.set_read_timeout(None).map_err(network)?;
    decoder.limit(FRAME_BYTES_MAX);
    let address = address.to_owned();
    let peer = Peer {
        identity,
        address,
        origin,
    };
    Ok((decoder, peer))
}

fn first_frame<S: Timed>(stream: &S, decoder: &mut FrameDecoder) -> Result<Frame, Closed>
where
    for<'a> &'a S: Read,
{
    let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
    let late = || Closed::Garbage("it did not introduce itself in time".to_owned());
    let mut reader = stream;
    let mut buffer = [0; 512];
    loop {
        if let Some(frame) = decoder
            .next()
            .map_err(|why| Closed::Garbage(why.to_string()))?
        {
            return Ok(frame);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late());
        }
        stream
            .set_read_timeout(Some(left))
            .map_err(|error| Closed::Network(error.to_string()))?;
        match reader.read(&mut buffer) {
            Ok(0) => return Err(Closed::Peer),
            Ok(count) => decoder.feed(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(late()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Closed::Network(error.to_string())),
        }
    }
}
