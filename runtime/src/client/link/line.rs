//! One connection of a client.

use crate::kernel::message::{TO_CLIENT, ToClient};
use crate::transport::tcp::DO_NOT_WAIT;
use crate::transport::{Closed, QUEUE_BYTES_MAX};
use crate::wire::{FrameDecoder, Wire};
use socket2::SockRef;
use std::io::{self, Read};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

const READ_BYTES: usize = 64 << 10;

/// What the bytes go through.
pub(super) enum Stream {
    /// To any host.
    Tcp(TcpStream),
    /// To the kernel of this host.
    Local(UnixStream),
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Local(stream) => stream.as_fd(),
        }
    }
}

/// An introduced connection.
pub(super) struct Line {
    stream: Stream,
    decoder: FrameDecoder,
    buffer: Vec<u8>,
    /// What the socket would not take yet.
    unsent: Vec<u8>,
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Line {
    /// Of a stream, and what was read of it already.
    pub(super) fn new(stream: Stream, decoder: FrameDecoder) -> Self {
        Self {
            stream,
            decoder,
            buffer: vec![0; READ_BYTES],
            unsent: Vec::new(),
        }
    }

    /// Whether something waits to be sent.
    pub(super) fn is_sending(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Sends what waits and these frames, as far as the socket takes them at once. Beyond
    /// [`QUEUE_BYTES_MAX`] frames are dropped like messages that the network lost.
    pub(super) fn send(&mut self, frames: &[u8]) -> Result<(), Closed> {
        if self.is_sending() {
            let sent = self.send_some(&self.unsent)?;
            self.unsent.drain(..sent);
        }
        let sent = if self.is_sending() {
            0
        } else {
            self.send_some(frames)?
        };
        let rest = frames.get(sent..).unwrap_or_default();
        if sent > 0 || self.unsent.len() + rest.len() <= QUEUE_BYTES_MAX {
            self.unsent.extend_from_slice(rest);
        }
        Ok(())
    }

    /// How much of it the socket took.
    fn send_some(&self, bytes: &[u8]) -> Result<usize, Closed> {
        let mut sent = 0;
        while let Some(rest @ [_, ..]) = bytes.get(sent..) {
            match SockRef::from(&self.stream).send_with_flags(rest, DO_NOT_WAIT) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Closed::Network(error.to_string())),
            }
        }
        Ok(sent)
    }

    /// Reads once, which is to be possible without waiting, and hands over the messages that are whole then.
    pub(super) fn receive(&mut self, take: impl FnMut(ToClient)) -> Result<(), Closed> {
        let read = match &self.stream {
            Stream::Tcp(stream) => (&mut &*stream).read(&mut self.buffer),
            Stream::Local(stream) => (&mut &*stream).read(&mut self.buffer),
        };
        match read {
            Ok(0) => return Err(Closed::Peer),
            Ok(count) => self
                .decoder
                .feed(self.buffer.get(..count).unwrap_or_default()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(Closed::Network(error.to_string())),
        }
        self.messages(take)
    }

    /// Hands over the messages that were read whole.
    pub(super) fn messages(&mut self, mut take: impl FnMut(ToClient)) -> Result<(), Closed> {
        let garbage = || Closed::Garbage("it is no kernel of ours".to_owned());
        while let Some(frame) = self.decoder.next().map_err(|_| garbage())? {
            if frame.kind != TO_CLIENT {
                return Err(garbage());
            }
            take(ToClient::from_bytes(&frame.payload).map_err(|_| garbage())?);
        }
        Ok(())
    }
}
