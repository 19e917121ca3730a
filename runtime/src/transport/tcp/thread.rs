//! A connection that is driven by a thread of its own for each direction.
//!
//! A thread that waits in `recv` is woken by the network itself, without a detour
//! through an event loop. There are few such connections a host: those between kernels, which every
//! replicated call crosses twice, and those of programs on the same host. Only what the socket does
//! not take at once goes through the writing thread.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use socket2::SockRef;
use tokio::sync::oneshot;

use super::link::{READ_BYTES, deliver, ended, next_id};
use crate::thread::spawn;
use crate::transport::{Closed, Connection, Handler, Outlet, Peer, QUEUE_BYTES_MAX, SendError};
use crate::wire::FrameDecoder;

/// `MSG_DONTWAIT`: the socket blocks when it is read, but never when it is sent on.
#[cfg(target_os = "linux")]
pub(crate) const DO_NOT_WAIT: i32 = 0x40;
#[cfg(not(target_os = "linux"))]
pub(crate) const DO_NOT_WAIT: i32 = 0x80;

/// Runs an introduced connection until it ends, on threads.
pub(super) async fn run(
    stream: tokio::net::TcpStream,
    decoder: FrameDecoder,
    peer: Peer,
    handler: Arc<dyn Handler>,
    open: impl FnOnce(&Connection),
) -> Closed {
    let (told, end) = oneshot::channel();
    let driven = match blocking(stream) {
        Ok(stream) => Driven::new(stream, decoder, peer),
        Err(error) => return Closed::Network(error.to_string()),
    };
    open(&driven.connection);
    // If this task is dropped, the threads end with the connection.
    let _close = CloseOnDrop(driven.connection.clone());
    let started = spawn("receive", move || {
        // The task that waits may be gone.
        let _ = told.send(driven.run(handler.as_ref()));
    });
    match started {
        Ok(_) => end.await.unwrap_or(Closed::Here),
        Err(error) => no_thread(&error),
    }
}

fn blocking(stream: tokio::net::TcpStream) -> io::Result<TcpStream> {
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn no_thread(error: &io::Error) -> Closed {
    Closed::Network(format!("no thread for it: {error}"))
}

struct CloseOnDrop(Connection);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A stream that one thread may read while others write to it.
pub(crate) trait Socket: AsFd + Send + Sync + 'static
where
    for<'a> &'a Self: Read + Write,
{
    /// Waits until there is something to read, if a read does not do that best by itself.
    fn wait(&self) {}
}

impl Socket for TcpStream {}

impl Socket for UnixStream {
    /// A blocked read would be woken whenever the peer has read something, too.
    fn wait(&self) {
        // What goes wrong here goes wrong in the read, too.
        let _ = poll(&mut [PollFd::new(self, PollFlags::IN)], None);
    }
}

/// An introduced connection that waits for its threads.
pub(crate) struct Driven<S> {
    outlet: Arc<ThreadOutlet<S>>,
    decoder: FrameDecoder,
    connection: Connection,
}

impl<S: Socket> Driven<S>
where
    for<'a> &'a S: Read + Write,
{
    /// Of a stream that blocks, and what was read of it already.
    pub(crate) fn new(stream: S, decoder: FrameDecoder, peer: Peer) -> Self {
        let outlet = Arc::new(ThreadOutlet {
            stream,
            queue: Mutex::default(),
            filled: Condvar::new(),
        });
        let connection = Connection::new(next_id(), peer, Arc::clone(&outlet) as Arc<dyn Outlet>);
        Self {
            outlet,
            decoder,
            connection,
        }
    }

    /// Reads on this thread until the connection ends.
    pub(crate) fn run(self, handler: &dyn Handler) -> Closed {
        let Self {
            outlet,
            decoder,
            connection,
        } = self;
        let writer = Arc::clone(&outlet);
        if let Err(error) = spawn("send", move || writer.write_queue()) {
            outlet.close();
            return no_thread(&error);
        }
        handler.connected(&connection);
        let why = outlet.read_frames(decoder, &connection, handler);
        let why = if outlet.queue().closed {
            Closed::Here
        } else {
            why
        };
        outlet.close();
        handler.closed(&connection, &why);
        why
    }
}

struct ThreadOutlet<S> {
    stream: S,
    queue: Mutex<Queue>,
    /// Tells the writing thread that there is something, or the end.
    filled: Condvar,
}

#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    /// What the writing thread has taken and not finished; nothing may pass it.
    writing: usize,
    closed: bool,
}

impl<S: Socket> Outlet for ThreadOutlet<S>
where
    for<'a> &'a S: Read + Write,
{
    fn send(&self, frames: &[u8]) -> Result<(), SendError> {
        let mut queue = self.queue();
        if queue.closed {
            return Err(SendError::Closed);
        }
        let waiting = queue.bytes.len() + queue.writing;
        if waiting > 0 {
            if waiting + frames.len() > QUEUE_BYTES_MAX {
                return Err(SendError::Full);
            }
            queue.bytes.extend_from_slice(frames);
            return Ok(());
        }
        let mut rest = frames;
        while !rest.is_empty() {
            match SockRef::from(&self.stream).send_with_flags(rest, DO_NOT_WAIT) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    queue.bytes.extend_from_slice(rest);
                    self.filled.notify_one();
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    drop(queue);
                    self.close();
                    return Err(SendError::Closed);
                }
            }
        }
        Ok(())
    }

    fn close(&self) {
        let mut queue = self.queue();
        if !queue.closed {
            queue.closed = true;
            // Both threads see the end of the stream; one that has ended already is no error.
            let _ = SockRef::from(&self.stream).shutdown(Shutdown::Both);
            self.filled.notify_one();
        }
    }
}

impl<S: Socket> ThreadOutlet<S>
where
    for<'a> &'a S: Read + Write,
{
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No code that can panic runs under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_frames(
        &self,
        mut decoder: FrameDecoder,
        connection: &Connection,
        handler: &dyn Handler,
    ) -> Closed {
        let mut buffer = vec![0; READ_BYTES];
        let mut frames = Vec::new();
        loop {
            if let Some(why) = deliver(&mut decoder, &mut frames, connection, handler) {
                return why;
            }
            self.stream.wait();
            match (&self.stream).read(&mut buffer) {
                Ok(0) => return ended(&decoder),
                Ok(count) => decoder.feed(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Closed::Network(error.to_string()),
            }
        }
    }

    /// Sends what senders had to leave in the queue.
    fn write_queue(&self) {
        let mut queue = self.queue();
        while !queue.closed {
            if queue.bytes.is_empty() {
                queue = self
                    .filled
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let taken = std::mem::take(&mut queue.bytes);
            queue.writing = taken.len();
            drop(queue);
            let written = (&self.stream).write_all(&taken);
            queue = self.queue();
            queue.writing = 0;
            if written.is_err() {
                drop(queue);
                return self.close();
            }
        }
    }
}
