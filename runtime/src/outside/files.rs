//! Files: read anywhere, written with a word about what a power cut leaves.

use super::Outside;
use super::system::System;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// Who has files.
pub trait Files: Send + Sync {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// Those of the operating system.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>>;
    /// Opens a file for writing at its end, empty or as it is; makes it if there is none.
    ///
    /// # Errors
    /// Those of the operating system.
    fn write(&self, path: &Path, appends: bool) -> io::Result<Box<dyn WriteFile>>;
    /// Whether there is a file or folder.
    fn exists(&self, path: &Path) -> bool;
    /// Removes a file.
    ///
    /// # Errors
    /// Those of the operating system.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name, in place of the one that may have it.
    ///
    /// # Errors
    /// Those of the operating system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a folder and those that it lies in; one that is there stays as it is.
    ///
    /// # Errors
    /// Those of the operating system.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    ///
    /// # Errors
    /// Those of the operating system.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder.
    ///
    /// # Errors
    /// Those of the operating system.
    fn list(&self, folder: &Path) -> io::Result<BTreeSet<String>>;
    /// Makes durable which files a folder has.
    ///
    /// # Errors
    /// Those of the operating system.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// Who writes a file.
pub trait WriteFile: Write + Send {
    /// See [`FileWriter::sync`].
    ///
    /// # Errors
    /// Those of the operating system.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file that is read from its beginning.
pub struct FileReader(Box<dyn Read + Send>);

impl Read for FileReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl fmt::Debug for FileReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileReader")
    }
}

/// A file that is written at its end. What is written is not buffered: it survives the end of this process, but not that of the host.
pub struct FileWriter(Box<dyn WriteFile>);

impl FileWriter {
    /// Makes durable what was written, and that there is such a file: a host that loses its power has it again.
    ///
    /// # Errors
    /// Those of the operating system. What was written since the last success may be lost then; a second try that succeeds says nothing about it.
    pub fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl fmt::Debug for FileWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileWriter")
    }
}

/// Files. In a simulation each host reads the files of the machine that simulates, which should be the same each time, and keeps what it
/// writes, renames and removes for itself.
impl Outside {
    fn files(&self) -> Arc<dyn Files> {
        self.world()
            .map_or_else(|| Arc::new(System) as Arc<dyn Files>, |world| world.files())
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn open(&self, path: impl AsRef<Path>) -> io::Result<FileReader> {
        self.files().open(path.as_ref()).map(FileReader)
    }

    /// A file's whole content.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn read(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A file's whole content as text.
    ///
    /// # Errors
    /// Those of the operating system, and `InvalidData` if it is not UTF-8.
    pub fn read_text(&self, path: impl AsRef<Path>) -> io::Result<String> {
        let mut text = String::new();
        self.open(path)?.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Makes an empty file, in place of one that may be there.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn create(&self, path: impl AsRef<Path>) -> io::Result<FileWriter> {
        self.files().write(path.as_ref(), false).map(FileWriter)
    }

    /// Opens a file to write on at its end; makes it if there is none.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn append(&self, path: impl AsRef<Path>) -> io::Result<FileWriter> {
        self.files().write(path.as_ref(), true).map(FileWriter)
    }

    /// Makes a file with this content, in place of one that may be there.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> io::Result<()> {
        self.create(path)?.write_all(content.as_ref())
    }

    /// Whether there is a file or folder.
    #[must_use]
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.files().exists(path.as_ref())
    }

    /// Removes a file. It is gone for good after [`Outside::sync_folder`].
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn remove(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.files().remove(path.as_ref())
    }

    /// Gives a file another name, in place of the one that may have it. It is sure to have it after [`Outside::sync_folder`].
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        self.files().rename(from.as_ref(), to.as_ref())
    }

    /// Makes a folder and those that it lies in; one that is there stays as it is.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn create_folder(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.files().create_folder(path.as_ref())
    }

    /// Removes a folder with all that is in it.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn remove_folder(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.files().remove_folder(path.as_ref())
    }

    /// The names in a folder, in order; those that are not UTF-8 are left out.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn list(&self, folder: impl AsRef<Path>) -> io::Result<Vec<String>> {
        let names = self.files().list(folder.as_ref())?;
        Ok(names.into_iter().collect())
    }

    /// Makes durable which files a folder has and what their names are.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn sync_folder(&self, folder: impl AsRef<Path>) -> io::Result<()> {
        self.files().sync_folder(folder.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (outside, path) = (Outside::here(), folder.path().join("a/b"));
        let file = path.join("one");
        assert!(outside.create(&file).is_err(), "there is no folder");
        outside.create_folder(&path).unwrap();
        outside.write(&file, "one").unwrap();
        let mut end = outside.append(&file).unwrap();
        end.write_all(b" two").unwrap();
        end.sync().unwrap();
        assert_eq!(outside.read_text(&file).unwrap(), "one two");
        outside.rename(&file, path.join("other")).unwrap();
        outside.write(path.join("more"), "").unwrap();
        assert_eq!(outside.list(&path).unwrap(), ["more", "other"]);
        outside.sync_folder(&path).unwrap();
        outside.remove(path.join("more")).unwrap();
        assert!(!outside.exists(path.join("more")) && outside.exists(&path));
        let mut start = [0; 3];
        let mut reader = outside.open(path.join("other")).unwrap();
        reader.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"one");
        outside.remove_folder(&path).unwrap();
        assert!(outside.list(&path).is_err());
    }
}
