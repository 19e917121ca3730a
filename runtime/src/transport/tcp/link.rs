//! One TCP connection: its introduction, its reading task, its writing.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{HANDSHAKE_TIMEOUT, thread};
use crate::transport::handshake::{self, FIRST_FRAME_BYTES_MAX, Identity};
use crate::transport::{
    Closed, Connection, ConnectionId, Handler, Origin, Outlet, Peer, QUEUE_BYTES_MAX, Role,
    SendError,
};
use crate::wire::{FRAME_BYTES_MAX, Frame, FrameDecoder};

pub(super) const READ_BYTES: usize = 64 << 10;
/// A peer that acknowledges nothing for so long is gone, whatever TCP hopes.
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(3);

/// A stream whose two ends know each other.
pub(super) struct Introduced {
    stream: TcpStream,
    decoder: FrameDecoder,
    own: Role,
    peer: Peer,
}

impl Introduced {
    /// How the peer introduced itself.
    pub(super) fn identity(&self) -> &Identity {
        &self.peer.identity
    }
}

/// Sets what every connection needs; a failure shows when the stream is used.
fn tune(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED_TIMEOUT));
}

/// Introduces the two ends of a new stream.
pub(super) async fn introduce(
    stream: TcpStream,
    origin: Origin,
    own: &Identity,
) -> Result<Introduced, Closed> {
    tune(&stream);
    timeout(HANDSHAKE_TIMEOUT, introduce_unhurried(stream, origin, own))
        .await
        .unwrap_or_else(|_| {
            Err(Closed::Garbage(
                "it did not introduce itself in time".to_owned(),
            ))
        })
}

async fn introduce_unhurried(
    mut stream: TcpStream,
    origin: Origin,
    own: &Identity,
) -> Result<Introduced, Closed> {
    let address = stream
        .peer_addr()
        .map_or_else(|_| "?".to_owned(), |at| at.to_string());
    let network = |error: io::Error| Closed::Network(error.to_string());
    if origin == Origin::Dialed {
        stream
            .write_all(&handshake::hello(own))
            .await
            .map_err(network)?;
    }
    let mut decoder = FrameDecoder::new(FIRST_FRAME_BYTES_MAX);
    let first = first_frame(&mut stream, &mut decoder).await?;
    let identity = match handshake::meet(own, &first) {
        Ok(identity) => identity,
        Err(why) => {
            // The peer learns why if it still listens; that it may not is no second error.
            let _ = stream
                .write_all(&handshake::refusal(&why.to_string()))
                .await;
            return Err(why);
        }
    };
    if origin == Origin::Accepted {
        stream
            .write_all(&handshake::hello(own))
            .await
            .map_err(network)?;
    }
    decoder.limit(FRAME_BYTES_MAX);
    Ok(Introduced {
        stream,
        decoder,
        own: own.role,
        peer: Peer {
            identity,
            address,
            origin,
        },
    })
}

async fn first_frame(stream: &mut TcpStream, decoder: &mut FrameDecoder) -> Result<Frame, Closed> {
    let mut buffer = [0; 512];
    loop {
        if let Some(frame) = decoder
            .next()
            .map_err(|why| Closed::Garbage(why.to_string()))?
        {
            return Ok(frame);
        }
        let count = stream
            .read(&mut buffer)
            .await
            .map_err(|error| Closed::Network(error.to_string()))?;
        if count == 0 {
            return Err(Closed::Peer);
        }
        decoder.feed(buffer.get(..count).unwrap_or_default());
    }
}

/// A name for a new connection.
pub(super) fn next_id() -> ConnectionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    ConnectionId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Runs an introduced connection until it ends.
///
/// `open` is called first; it may still refuse the connection by closing it.
pub(super) async fn run(
    introduced: Introduced,
    handler: Arc<dyn Handler>,
    open: impl FnOnce(&Connection),
) -> Closed {
    let Introduced {
        stream,
        decoder,
        own,
        peer,
    } = introduced;
    if own == Role::Kernel && peer.identity.role == Role::Kernel {
        return thread::run(stream, decoder, peer, handler, open).await;
    }
    let (read, write) = stream.into_split();
    let outlet = Arc::new(TcpOutlet {
        write,
        state: Mutex::default(),
        wake: Notify::new(),
    });
    let connection = Connection::new(next_id(), peer, Arc::clone(&outlet) as Arc<dyn Outlet>);
    let writer = AbortOnDrop(tokio::spawn(Arc::clone(&outlet).write_queue()));
    // Whatever ends this task, the peer and the holders of the connection see it closed.
    let end = CloseOnDrop(outlet);
    open(&connection);
    handler.connected(&connection);
    let why = read_frames(read, decoder, &connection, handler.as_ref()).await;
    let why = if end.0.state().closed {
        Closed::Here
    } else {
        why
    };
    drop(end);
    drop(writer);
    handler.closed(&connection, &why);
    why
}

async fn read_frames(
    mut read: OwnedReadHalf,
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
        match read.read(&mut buffer).await {
            Ok(0) => return ended(&decoder),
            Ok(count) => decoder.feed(buffer.get(..count).unwrap_or_default()),
            Err(error) => return Closed::Network(error.to_string()),
        }
    }
}

/// Hands over the frames that are whole; gives the reason to close if the stream is broken.
pub(super) fn deliver(
    decoder: &mut FrameDecoder,
    frames: &mut Vec<Frame>,
    connection: &Connection,
    handler: &dyn Handler,
) -> Option<Closed> {
    let broken = loop {
        match decoder.next() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => break None,
            Err(why) => break Some(Closed::Garbage(why.to_string())),
        }
    };
    if !frames.is_empty() {
        handler.received(connection, frames);
        frames.clear();
    }
    broken
}

/// Why a stream that ended here did.
pub(super) fn ended(decoder: &FrameDecoder) -> Closed {
    if decoder.is_mid_frame() {
        Closed::Network("it ended in the middle of a message".to_owned())
    } else {
        Closed::Peer
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct CloseOnDrop(Arc<TcpOutlet>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The sending half.
struct TcpOutlet {
    write: OwnedWriteHalf,
    state: Mutex<Queue>,
    /// Tells the writing task that the queue is no longer empty, or closed.
    wake: Notify,
}

#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    /// How many of the bytes are sent.
    sent: usize,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    fn mark_sent(&mut self, count: usize) {
        self.sent += count;
        if self.sent >= self.bytes.len() {
            self.bytes.clear();
            self.sent = 0;
        } else if self.sent > QUEUE_BYTES_MAX / 16 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}

impl Outlet for TcpOutlet {
    fn send(&self, frames: &[u8]) -> Result<(), SendError> {
        let mut queue = self.state();
        if queue.closed {
            return Err(SendError::Closed);
        }
        let waiting = queue.waiting().len();
        if waiting > 0 {
            if waiting + frames.len() > QUEUE_BYTES_MAX {
                return Err(SendError::Full);
            }
            queue.bytes.extend_from_slice(frames);
            return Ok(());
        }
        let mut rest = frames;
        while !rest.is_empty() {
            match self.write.try_write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    queue.bytes.extend_from_slice(rest);
                    drop(queue);
                    self.wake.notify_one();
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
        let mut queue = self.state();
        if !queue.closed {
            queue.closed = true;
            // The reading task sees the end of the stream and tells the handler.
            let _ = SockRef::from(self.write.as_ref()).shutdown(std::net::Shutdown::Both);
            drop(queue);
            self.wake.notify_one();
        }
    }
}

impl TcpOutlet {
    fn state(&self) -> MutexGuard<'_, Queue> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what senders had to leave in the queue.
    async fn write_queue(self: Arc<Self>) {
        loop {
            self.wake.notified().await;
            loop {
                if self.write.writable().await.is_err() {
                    return self.close();
                }
                let mut queue = self.state();
                if queue.closed {
                    return;
                }
                if queue.waiting().is_empty() {
                    break;
                }
                match self.write.try_write(queue.waiting()) {
                    Ok(count) => queue.mark_sent(count),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => {
                        drop(queue);
                        return self.close();
                    }
                }
            }
        }
    }
}
