//! Connections: streams of bytes to an address, and from whoever connects.

use super::Outside;
use super::system::System;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

/// Who makes connections.
pub trait Network: Send + Sync {
    /// Connects to an address, `HOST:PORT`.
    ///
    /// # Errors
    /// Those of the operating system.
    fn connect(&self, address: &str, within: Duration) -> io::Result<Box<dyn Stream>>;
    /// Waits at an address for those who connect to it.
    ///
    /// # Errors
    /// Those of the operating system.
    fn listen(&self, address: &str) -> io::Result<Box<dyn Accept>>;
}

/// One end of a connection; several threads may use it.
pub trait Stream: Send + Sync {
    /// Waits for bytes, and says how many came; none at the end of the stream.
    ///
    /// # Errors
    /// Those of the operating system; `TimedOut` after the time that was set.
    fn receive(&self, bytes: &mut [u8]) -> io::Result<usize>;
    /// Sends bytes, and says how many.
    ///
    /// # Errors
    /// Those of the operating system; `TimedOut` after the time that was set.
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;
    /// How long a wait may last.
    ///
    /// # Errors
    /// If it is no time at all.
    fn set_timeout(&self, most: Option<Duration>) -> io::Result<()>;
    /// Who is at the other end.
    ///
    /// # Errors
    /// Those of the operating system.
    fn peer(&self) -> io::Result<String>;
}

/// Who waits for connections.
pub trait Accept: Send + Sync {
    /// Waits for the next one.
    ///
    /// # Errors
    /// Those of the operating system.
    fn accept(&self) -> io::Result<Box<dyn Stream>>;
    /// Where it waits.
    ///
    /// # Errors
    /// Those of the operating system.
    fn address(&self) -> io::Result<String>;
}

/// A connection. Clones are the same one, which ends with the last of them.
#[derive(Clone)]
pub struct Connection(Arc<dyn Stream>);

impl Connection {
    /// From now on a read or a write that waits for so long fails with `TimedOut`; with none it waits for as long as it takes, as at first.
    ///
    /// # Errors
    /// If it is no time at all.
    pub fn set_timeout(&self, most: Option<Duration>) -> io::Result<()> {
        self.0.set_timeout(most)
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn peer(&self) -> io::Result<String> {
        self.0.peer()
    }
}

impl Read for Connection {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.receive(bytes)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection")
            .field(&self.peer().ok())
            .finish()
    }
}

/// Waits for connections until it is dropped.
pub struct Listener(Box<dyn Accept>);

impl Listener {
    /// Waits for the next one who connects.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn accept(&self) -> io::Result<Connection> {
        self.0.accept().map(|stream| Connection(stream.into()))
    }

    /// Where it waits, with the port that it was given if it asked for port 0.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn address(&self) -> io::Result<String> {
        self.0.address()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener")
            .field(&self.address().ok())
            .finish()
    }
}

/// Connections. In a simulation they lead to other Rust code of the program, on `host1` and so on, on `main`, or on the same machine, and to
/// addresses that `cmsl sim --outside` gives a recording.
impl Outside {
    fn network(&self) -> Arc<dyn Network> {
        self.world().map_or_else(
            || Arc::new(System) as Arc<dyn Network>,
            |world| world.network(),
        )
    }

    /// Connects to an address, `HOST:PORT`, within that time.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn connect(&self, address: &str, within: Duration) -> io::Result<Connection> {
        let stream = self.network().connect(address, within)?;
        Ok(Connection(stream.into()))
    }

    /// Waits at an address of this machine, `HOST:PORT`, for those who connect to it; port 0 stands for any that is free.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn listen(&self, address: &str) -> io::Result<Listener> {
        self.network().listen(address).map(Listener)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    #[test]
    fn bytes_arrive_and_the_end_is_seen() {
        let outside = Outside::here();
        let listener = outside.listen("127.0.0.1:0").unwrap();
        let address = listener.address().unwrap();
        outside
            .spawn("echo", move |_| {
                let mut connection = listener.accept().unwrap();
                let mut bytes = [0; 3];
                connection.read_exact(&mut bytes).unwrap();
                connection.write_all(&bytes).unwrap();
            })
            .unwrap();
        let mut connection = outside.connect(&address, WAIT).unwrap();
        assert_eq!(connection.peer().unwrap(), address);
        connection.set_timeout(Some(WAIT)).unwrap();
        connection.write_all(b"abc").unwrap();
        let mut said = String::new();
        connection.read_to_string(&mut said).unwrap();
        assert_eq!(said, "abc");
        // Nobody listens there any more.
        let again = outside.connect(&address, WAIT).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_wait_that_is_too_long_times_out() {
        let outside = Outside::here();
        let listener = outside.listen("127.0.0.1:0").unwrap();
        let mut connection = outside.connect(&listener.address().unwrap(), WAIT).unwrap();
        connection
            .set_timeout(Some(Duration::from_millis(5)))
            .unwrap();
        let late = connection.read(&mut [0]).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
    }
}
