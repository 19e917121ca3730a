//! The operating system's files and connections.

use super::files::{Files, WriteFile};
use super::network::{Accept, Network, Stream};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Since this was first asked.
pub(super) fn monotonic() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed()
}

/// The operating system.
pub(super) struct System;

/// A file open for writing.
struct Written {
    file: File,
    path: PathBuf,
    /// Its name is durable.
    is_found: bool,
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl WriteFile for Written {
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        if !self.is_found {
            sync_folder(self.path.parent())?;
            self.is_found = true;
        }
        Ok(())
    }
}

fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl Files for System {
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(path)?))
    }

    fn write(&self, path: &Path, appends: bool) -> io::Result<Box<dyn WriteFile>> {
        let mut options = OpenOptions::new();
        options.create(true);
        let options = if appends {
            options.append(true)
        } else {
            options.write(true).truncate(true)
        };
        Ok(Box::new(Written {
            file: options.open(path)?,
            path: path.to_path_buf(),
            is_found: false,
        }))
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn list(&self, folder: &Path) -> io::Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(folder)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        sync_folder(Some(folder))
    }
}

impl Network for System {
    fn connect(&self, address: &str, within: Duration) -> io::Result<Box<dyn Stream>> {
        let mut last = None;
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, within) {
                Ok(stream) => return Ok(Box::new(stream)),
                Err(why) => last = Some(why),
            }
        }
        let nothing = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        Err(last.unwrap_or_else(nothing))
    }

    fn listen(&self, address: &str) -> io::Result<Box<dyn Accept>> {
        Ok(Box::new(TcpListener::bind(address)?))
    }
}

impl Stream for TcpStream {
    fn receive(&self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut stream = self;
        stream.read(bytes).map_err(timed_out)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut stream = self;
        stream.write(bytes).map_err(timed_out)
    }

    fn set_timeout(&self, most: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(most)?;
        self.set_write_timeout(most)
    }

    fn peer(&self) -> io::Result<String> {
        Ok(self.peer_addr()?.to_string())
    }
}

/// The operating system says of a wait that was too long that it would have been one.
fn timed_out(why: io::Error) -> io::Error {
    match why.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => why,
    }
}

impl Accept for TcpListener {
    fn accept(&self) -> io::Result<Box<dyn Stream>> {
        let (stream, _) = TcpListener::accept(self)?;
        Ok(Box::new(stream))
    }

    fn address(&self) -> io::Result<String> {
        Ok(self.local_addr()?.to_string())
    }
}
