//! Where a feed's bytes come from: a file, a compressed file, or a receiver's TCP port.
//!
//! A file is read as fast as it is asked for. A TCP feed is read by a thread of its own, which connects
//! again whenever the receiver goes away, and hands on whole pieces with the time of their arrival.

use cmsl_runtime::Outside;
use cmsl_runtime::outside::{Receiver, Sender};
use flate2::read::MultiGzDecoder;
use std::io::{BufReader, Read};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// How much is read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many pieces may wait before the receiver is made to wait.
const PIECES_WAITING_MAX: usize = 256;

/// The pause before connecting again grows from here …
const RECONNECT_MIN: Duration = Duration::from_millis(50);

/// … to here.
const RECONNECT_MAX: Duration = Duration::from_secs(2);

/// What the source has next.
pub enum Piece {
    /// Bytes, and when they arrived (microseconds since 1970).
    Bytes(Vec<u8>, i64),
    /// A connection begins: what was unfinished in the one before is lost.
    Connected,
    /// Nothing yet.
    Nothing,
    /// Nothing more.
    End,
}

/// An open feed.
pub enum Source {
    /// A file.
    File(Box<dyn Read + Send>),
    /// A receiver.
    Tcp(Receiver<Piece>),
}

impl Source {
    /// Opens `FILE`, `FILE.gz` or `tcp://HOST:PORT`. A receiver need not be there yet;
    /// with `once` the end of its connection is the end of the feed.
    pub fn open(outside: &Outside, place: &str, once: bool) -> Result<Self, String> {
        if let Some(address) = place.strip_prefix("tcp://") {
            let address = address.to_owned();
            if !address.contains(':') {
                return Err(format!("`{place}` has no port; write tcp://HOST:PORT"));
            }
            let (sender, receiver) = outside.channel(PIECES_WAITING_MAX);
            outside
                .spawn("feed", move |outside| {
                    listen(outside, &address, once, &sender);
                })
                .map_err(|why| format!("cannot start the feed's thread: {why}"))?;
            return Ok(Self::Tcp(receiver));
        }
        let failed = |why: std::io::Error| format!("cannot read the feed `{place}`: {why}");
        let mut magic = [0; 2];
        let mut file = outside.open(place).map_err(failed)?;
        let read = file.read(&mut magic).map_err(failed)?;
        let file = BufReader::new(outside.open(place).map_err(failed)?);
        let compressed = read == 2 && magic == [0x1f, 0x8b];
        Ok(Self::File(if compressed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        }))
    }

    /// Whether frames come at their own time, and not as fast as they are asked for.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// The next piece; a receiver is waited for until the monotonic clock shows `deadline`.
    pub fn next(&mut self, outside: &Outside, deadline: Duration) -> Result<Piece, String> {
        match self {
            Self::File(file) => {
                let mut piece = vec![0; PIECE_BYTES];
                let read = file
                    .read(&mut piece)
                    .map_err(|why| format!("the feed breaks off: {why}"))?;
                piece.truncate(read);
                Ok(if read == 0 {
                    Piece::End
                } else {
                    Piece::Bytes(piece, 0)
                })
            }
            Self::Tcp(pieces) => {
                let wait = deadline.saturating_sub(outside.monotonic());
                Ok(match pieces.recv_timeout(wait) {
                    Ok(piece) => piece,
                    Err(RecvTimeoutError::Timeout) => Piece::Nothing,
                    Err(RecvTimeoutError::Disconnected) => Piece::End,
                })
            }
        }
    }
}

/// Microseconds since 1970 by this host's clock.
pub fn now_microseconds(outside: &Outside) -> i64 {
    outside.now() / 1000
}

/// Keeps a connection to the receiver until nobody wants its bytes any more.
fn listen(outside: &Outside, address: &str, once: bool, pieces: &Sender<Piece>) {
    let mut pause = RECONNECT_MIN;
    loop {
        if let Ok(mut stream) = outside.connect(address, PATIENCE) {
            pause = RECONNECT_MIN;
            if pieces.send(Piece::Connected).is_err() {
                return;
            }
            let mut piece = vec![0; PIECE_BYTES];
            while let Ok(read @ 1..) = stream.read(&mut piece) {
                let bytes = piece.get(..read).unwrap_or_default().to_vec();
                if pieces
                    .send(Piece::Bytes(bytes, now_microseconds(outside)))
                    .is_err()
                {
                    return;
                }
            }
            if once {
                return;
            }
        } else if pieces.send(Piece::Nothing).is_err() {
            return;
        }
        outside.sleep(pause);
        pause = (pause * 2).min(RECONNECT_MAX);
    }
}
