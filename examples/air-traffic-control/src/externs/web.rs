//! `aircraft.json` and `receiver.json` for viewers that know readsb: as files, and over HTTP.
//!
//! The texts are made by the program; here they are only handed out. The server answers GET of the two
//! names, whatever folder stands before them, one request a connection.

use cmsl_runtime::Outside;
use cmsl_runtime::outside::Connection;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest request head that is read.
const REQUEST_BYTES_MAX: u64 = 8 * 1024;

#[derive(Default)]
struct Texts {
    aircraft: String,
    receiver: String,
}

/// Hands out the newest texts.
pub struct Publisher {
    texts: Arc<Mutex<Texts>>,
    folder: Option<PathBuf>,
    outside: Outside,
}

impl Publisher {
    /// Serves on `address` and writes to `folder`; an empty text means neither.
    pub fn new(outside: &mut Outside, address: &str, folder: &str) -> Result<Self, String> {
        let texts = Arc::new(Mutex::new(Texts::default()));
        if !address.is_empty() {
            let listener = outside
                .listen(address)
                .map_err(|why| format!("cannot serve on {address}: {why}"))?;
            let shared = Arc::clone(&texts);
            outside
                .spawn("web", move |_| {
                    while let Ok(stream) = listener.accept() {
                        // A client that goes away in the middle is its own business.
                        let _ = answer(stream, &shared);
                    }
                })
                .map_err(|why| why.to_string())?;
        }
        let folder = (!folder.is_empty()).then(|| PathBuf::from(folder));
        if let Some(folder) = &folder {
            outside
                .create_folder(folder)
                .map_err(|why| format!("cannot write to `{}`: {why}", folder.display()))?;
        }
        Ok(Self {
            texts,
            folder,
            outside: outside.clone(),
        })
    }

    /// Replaces both texts.
    pub fn publish(&mut self, aircraft: &str, receiver: &str) -> Result<(), String> {
        if let Some(folder) = &self.folder {
            for (name, text) in [("aircraft.json", aircraft), ("receiver.json", receiver)] {
                // Beside and renamed, so that a viewer never reads half a file.
                let beside = folder.join(format!(".{name}.new"));
                let outside = &self.outside;
                outside
                    .write(&beside, text)
                    .and_then(|()| outside.rename(&beside, folder.join(name)))
                    .map_err(|why| format!("cannot write {name}: {why}"))?;
            }
        }
        let mut texts = self
            .texts
            .lock()
            .map_err(|_| "the web server failed".to_owned())?;
        aircraft.clone_into(&mut texts.aircraft);
        receiver.clone_into(&mut texts.receiver);
        Ok(())
    }
}

fn answer(mut stream: Connection, texts: &Mutex<Texts>) -> std::io::Result<()> {
    stream.set_timeout(Some(Duration::from_secs(5)))?;
    let mut request = BufReader::new(stream.clone().take(REQUEST_BYTES_MAX));
    let mut first = String::new();
    request.read_line(&mut first)?;
    let mut line = String::new();
    while request.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = first.split_whitespace();
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let name = path
        .split('?')
        .next()
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or_default();
    let (status, body) = match (method, name, texts.lock()) {
        ("GET", "aircraft.json", Ok(texts)) => ("200 OK", texts.aircraft.clone()),
        ("GET", "receiver.json", Ok(texts)) => ("200 OK", texts.receiver.clone()),
        _ => ("404 Not Found", "{}".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\n\
         Cache-Control: no-store\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
