//! The few file operations that a log needs, so that a test can put a
//! simulated disk beneath it.
//!
//! What a disk promises is what POSIX does and no more: bytes survive a power cut
//! after [`DiskFile::sync`], a file's existence or name after [`Disk::sync_folder`].

mod simulated;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

pub use simulated::{Simulated, SimulatedReader};

/// One folder's files.
pub trait Disk: Send {
    /// The folder, or the file in it, as a person would find it.
    fn describe(&self, name: &str) -> String;
    /// The names of all files.
    ///
    /// # Errors
    /// The operating system's.
    fn list(&self) -> io::Result<Vec<String>>;
    /// A file's whole content.
    ///
    /// # Errors
    /// The operating system's.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
    /// Makes an empty file, in place of one that may be there.
    ///
    /// # Errors
    /// The operating system's.
    fn create(&mut self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file so that writing goes on at its end.
    ///
    /// # Errors
    /// The operating system's.
    fn open(&mut self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file another name, in place of the one that may have it.
    ///
    /// # Errors
    /// The operating system's.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// The operating system's.
    fn remove(&mut self, name: &str) -> io::Result<()>;
    /// Makes durable which files there are and what their names are.
    ///
    /// # Errors
    /// The operating system's.
    fn sync_folder(&mut self) -> io::Result<()>;
}

/// A file open for writing at its end.
pub trait DiskFile: Send {
    /// Writes all the bytes.
    ///
    /// # Errors
    /// The operating system's; part of the bytes may be written then.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Writes all the bytes over the first ones of the file.
    ///
    /// # Errors
    /// The operating system's; part of the bytes may be written then.
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file to this length.
    ///
    /// # Errors
    /// The operating system's.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
    /// Makes the content and length durable.
    ///
    /// # Errors
    /// The operating system's; never to be tried again.
    fn sync(&mut self) -> io::Result<()>;
}

/// A folder of the operating system.
#[derive(Clone, Debug)]
pub struct RealDisk {
    folder: PathBuf,
}

impl RealDisk {
    /// The folder, which must exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Disk for RealDisk {
    fn describe(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.folder.join(name))
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = File::create(self.folder.join(name))?;
        Ok(Box::new(file))
    }

    fn open(&mut self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new()
            .append(true)
            .open(self.folder.join(name))?;
        Ok(Box::new(file))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.folder.join(from), self.folder.join(to))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

impl DiskFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, 0)
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does to a folder what a log does; gives what is there then.
    fn used(disk: &mut dyn Disk) -> Vec<(String, Vec<u8>)> {
        let mut file = disk.create("new").unwrap();
        file.write(b"header record torn").unwrap();
        file.sync().unwrap();
        file.replace(b"HEADER").unwrap();
        file.truncate(13).unwrap();
        disk.rename("new", "log").unwrap();
        let mut file = disk.open("log").unwrap();
        file.write(b", more").unwrap();
        disk.create("old").unwrap().write(b"gone").unwrap();
        disk.remove("old").unwrap();
        disk.create("empty").unwrap();
        disk.sync_folder().unwrap();
        assert!(disk.read("old").is_err() && disk.open("new").is_err());
        assert!(disk.rename("old", "new").is_err() && disk.remove("old").is_err());
        let names = disk.list().unwrap();
        let content = |name: &String| (name.clone(), disk.read(name).unwrap());
        names.iter().map(content).collect()
    }

    #[test]
    fn a_simulated_disk_does_what_a_real_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let real = used(&mut RealDisk::new(folder.path().to_owned()));
        let expected = [
            ("empty".to_owned(), Vec::new()),
            ("log".to_owned(), b"HEADER record, more".to_vec()),
        ];
        assert_eq!(real, expected);
        assert_eq!(used(&mut Simulated::new()), expected);
    }

    /// What the system refuses to make durable is not durable.
    #[test]
    fn a_sync_that_is_refused_is_an_error() {
        let mut null = OpenOptions::new().write(true).open("/dev/null").unwrap();
        DiskFile::sync(&mut null).unwrap_err();
        let mut gone = RealDisk::new(PathBuf::from("/no/folder"));
        gone.sync_folder().unwrap_err();
        assert_eq!(gone.describe("log"), "/no/folder/log");
    }
}
