//! What `main.cmsl` declares: nothing here asks the operating system itself.

use cmsl_runtime::Outside;
use cmsl_runtime::outside::FileWriter;
use std::io::{BufRead, BufReader, Error, Read, Write};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

pub struct Notebook {
    file: FileWriter,
    outside: Outside,
}

impl Notebook {
    pub fn new(outside: &mut Outside, path: &str) -> Result<Self, Error> {
        Ok(Self {
            file: outside.append(path)?,
            outside: outside.clone(),
        })
    }

    pub fn note(&mut self, line: &str) -> Result<(), Error> {
        writeln!(self.file, "{} {line}", self.outside.monotonic().as_nanos())
    }

    pub fn keep(&mut self) -> Result<(), Error> {
        self.file.sync()
    }
}

pub fn lines(outside: &mut Outside, path: &str) -> Result<String, Error> {
    outside.read_text(path)
}

pub fn forget(outside: &mut Outside, path: &str) {
    // It may be another machine's.
    let _ = outside.remove(path);
}

pub fn clock(outside: &Outside) -> i64 {
    outside.now()
}

pub fn dice(outside: &mut Outside) -> i64 {
    i64::from_le_bytes(outside.random().to_le_bytes())
}

pub fn rest(outside: &mut Outside, seconds: f64) {
    outside.sleep(Duration::from_secs_f64(seconds));
}

pub fn serve(outside: &mut Outside, address: &str) -> Result<(), Error> {
    let listener = outside.listen(address)?;
    outside.spawn("answers", move |outside| {
        while let Ok(mut connection) = listener.accept() {
            let mut line = String::new();
            let read = BufReader::new(connection.clone()).read_line(&mut line);
            outside.sleep(Duration::from_millis(3));
            if read.is_ok() {
                let _ = write!(connection, "{} said {}", connection.peer().is_ok(), line.trim());
            }
        }
    })
}

pub fn ask(outside: &mut Outside, address: &str, question: &str) -> Result<String, Error> {
    let mut connection = outside.connect(address, PATIENCE)?;
    connection.set_timeout(Some(PATIENCE))?;
    writeln!(connection, "{question}")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(format!("{answer} at {}", outside.now()))
}

/// What is heard, and in how many pieces.
pub fn fetch(outside: &mut Outside, address: &str) -> Result<String, Error> {
    let mut connection = outside.connect(address, PATIENCE)?;
    let (mut bytes, mut pieces, mut piece) = (0, 0, [0; 1024]);
    loop {
        match connection.read(&mut piece)? {
            0 => return Ok(format!("{bytes} bytes in {pieces} pieces")),
            read => (bytes, pieces) = (bytes + read, pieces + 1),
        }
    }
}

/// The sum of numbers that another thread sends at its own pace.
pub fn relayed(outside: &mut Outside, numbers: i32) -> Result<String, Error> {
    let (sender, receiver) = outside.channel(2);
    outside.spawn("numbers", move |outside| {
        for number in 0..numbers {
            outside.sleep(Duration::from_micros(outside.random() % 5000));
            if sender.send(number).is_err() {
                return;
            }
        }
    })?;
    let (mut sum, mut misses) = (0, 0);
    loop {
        match receiver.recv_timeout(Duration::from_millis(1)) {
            Ok(number) => sum += number,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => misses += 1,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                return Ok(format!("sum {sum}, {misses} misses"));
            }
        }
    }
}
