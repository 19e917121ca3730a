//! The folder where `cmsl` keeps what it can make again: the runtime's sources, generated crates,
//! what cargo built, and the folders of runs.
//!
//! Every command that uses it holds a shared lock; `cmsl clean` needs an exclusive one. Only the
//! folders named here are ever removed, so that a wrong `CMSL_HOME` costs nobody his files.

use crate::failure::Failure;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The environment variable that says where the cache is.
pub const HOME_VARIABLE: &str = "CMSL_HOME";

const RUNTIMES: &str = "runtime";
const PROGRAMS: &str = "programs";
const TARGET: &str = "target";
const RUNS: &str = "runs";
const FOLDERS: [&str; 4] = [RUNTIMES, PROGRAMS, TARGET, RUNS];

mod packed {
    //! What `build.rs` packed: the runtime's sources and the lock file of the workspace.
    include!(concat!(env!("OUT_DIR"), "/packed.rs"));
}

/// The cache, in use.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    lock: File,
}

impl Cache {
    /// Opens the cache, making it if it is not there, and holds it for use.
    pub fn open() -> Result<Self, Failure> {
        let root = locate()?;
        let cannot = |why: &std::io::Error| {
            Failure::world_with_help(
                format!("cannot use the cache {}: {why}", root.display()),
                format!("set {HOME_VARIABLE} to a folder that can be written"),
            )
        };
        fs::create_dir_all(&root).map_err(|why| cannot(&why))?;
        let lock = lock_file(&root.join("lock")).map_err(|why| cannot(&why))?;
        lock.lock_shared().map_err(|why| cannot(&why))?;
        let tag = root.join("CACHEDIR.TAG");
        if !tag.exists() {
            // Backup programs know this signature and leave the folder out.
            let signature = "Signature: 8a477f597d28d172789f06886806bc55\n";
            fs::write(&tag, signature).map_err(|why| cannot(&why))?;
        }
        Ok(Self { root, lock })
    }

    /// Removes what the cache holds; fails when another command uses it.
    pub fn empty() -> Result<PathBuf, Failure> {
        let cache = Self::open()?;
        let busy = || {
            Failure::world_with_help(
                format!("the cache {} is in use", cache.root.display()),
                "end the other `cmsl` commands first",
            )
        };
        // The shared lock is given up for the exclusive one, which two `clean`s cannot both get.
        cache
            .lock
            .unlock()
            .map_err(|why| Failure::file("unlock", &cache.root, &why))?;
        match cache.lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy()),
            Err(TryLockError::Error(why)) => {
                return Err(Failure::file("lock", &cache.root, &why));
            }
        }
        for folder in FOLDERS {
            let folder = cache.root.join(folder);
            match fs::remove_dir_all(&folder) {
                Ok(()) => {}
                Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
                Err(why) => return Err(Failure::file("remove", &folder, &why)),
            }
        }
        Ok(cache.root)
    }

    /// The folder that cargo builds all generated programs in.
    pub fn target(&self) -> PathBuf {
        self.root.join(TARGET)
    }

    /// The folder of one program, told from others of its name by where its source stands.
    pub fn program(&self, name: &str, source: &Path) -> PathBuf {
        let identity = blake3::hash(source.as_os_str().as_encoded_bytes()).to_hex();
        self.root
            .join(PROGRAMS)
            .join(format!("{name}-{}", short(&identity)))
    }

    /// A folder of its own for a run.
    pub fn new_run(&self, name: &str) -> Result<PathBuf, Failure> {
        let runs = self.root.join(RUNS);
        fs::create_dir_all(&runs).map_err(|why| Failure::file("make", &runs, &why))?;
        let mut count = 0_u32;
        loop {
            let folder = runs.join(format!("{name}-{}-{count}", std::process::id()));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(folder),
                // A run of an earlier process of the same id was kept.
                Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists && count < 1000 => {
                    count += 1;
                }
                Err(why) => return Err(Failure::file("make", &folder, &why)),
            }
        }
    }

    /// The runtime's crate, unpacked; by version and content, so that two versions never mix.
    pub fn runtime(&self) -> Result<PathBuf, Failure> {
        let folder = self.root.join(RUNTIMES).join(runtime_name());
        if folder.exists() {
            return Ok(folder);
        }
        let beside = self
            .root
            .join(RUNTIMES)
            .join(format!(".new-{}", std::process::id()));
        for (name, text) in packed::FILES {
            write(&beside.join(name), text)?;
        }
        match fs::rename(&beside, &folder) {
            Ok(()) => Ok(folder),
            Err(_) if folder.exists() => {
                // Another process was faster; its folder holds the same.
                let _ = fs::remove_dir_all(&beside);
                Ok(folder)
            }
            Err(why) => Err(Failure::file("make", &folder, &why)),
        }
    }

    /// Waits until no other command builds in the shared target folder.
    pub fn build_lock(&self) -> Result<File, Failure> {
        let path = self.root.join("build.lock");
        let cannot = |why: std::io::Error| Failure::file("lock", &path, &why);
        let lock = lock_file(&path).map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                crate::say::note("waiting", "another `cmsl` builds");
                lock.lock().map_err(cannot)?;
                Ok(lock)
            }
            Err(TryLockError::Error(why)) => Err(cannot(why)),
        }
    }
}

/// The versions of all crates that a generated program may link.
pub fn packed_lock() -> &'static str {
    packed::LOCK
}

fn runtime_name() -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, text) in packed::FILES {
        // The lengths keep a name and the text after it apart.
        hasher
            .update(&(name.len() as u64).to_le_bytes())
            .update(name.as_bytes());
        hasher
            .update(&(text.len() as u64).to_le_bytes())
            .update(text.as_bytes());
    }
    format!(
        "{}-{}",
        env!("CARGO_PKG_VERSION"),
        short(&hasher.finalize().to_hex())
    )
}

fn short(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}

fn locate() -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(home) = set(HOME_VARIABLE) {
        let home = PathBuf::from(home);
        return std::path::absolute(&home).map_err(|why| Failure::file("find", &home, &why));
    }
    if let Some(cache) = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
    {
        return Ok(cache.join("cmsl"));
    }
    match set("HOME") {
        Some(home) => Ok(PathBuf::from(home).join(".cache").join("cmsl")),
        None => Err(Failure::world_with_help(
            "there is no place for the cache: HOME is not set",
            format!("set {HOME_VARIABLE} to a folder that can be written"),
        )),
    }
}

fn lock_file(path: &Path) -> std::io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|why| Failure::file("make", parent, &why))?;
    }
    fs::write(path, text).map_err(|why| Failure::file("write", path, &why))
}

/// Writes a file unless there is one.
pub fn write_if_absent(path: &Path, text: &str) -> Result<(), Failure> {
    if path.exists() {
        Ok(())
    } else {
        write(path, text)
    }
}
