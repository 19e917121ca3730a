//! How soon `cmsl lsp` answers: the real process, a program of 10,000 lines, an edit before each request.
//!
//! `cargo bench -p cmsl --bench editor -- [--json] [--rounds N]`
//!
//! Each round types a character behind some word of the program, be it in a body or a declaration, or takes it back, and
//! asks at once, as an editor does: for completion, hover, a definition or the references. The figures are the time from
//! the edit to the answer, and from the edit to the diagnostics of that text.

#[path = "../../codegen/benches/front_end/corpus.rs"]
mod corpus;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const LINES: usize = 10_000;
const URI: &str = "untitled:corpus.cmsl";

struct Editor {
    child: Child,
    input: ChildStdin,
    messages: Receiver<(Instant, Value)>,
    text: String,
    version: u64,
    /// When the diagnostics of the present text came.
    said: Option<Instant>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        eprintln!("the figure is measured by: cargo bench -p cmsl --bench editor");
        return ExitCode::SUCCESS;
    }
    let rounds = words.iter().skip_while(|word| *word != "--rounds").nth(1);
    let rounds = rounds.and_then(|count| count.parse().ok()).unwrap_or(400);
    match measure(rounds, words.iter().any(|word| word == "--json")) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

fn measure(rounds: usize, json: bool) -> Option<()> {
    let mut editor = Editor::start()?;
    let methods = ["completion", "hover", "definition", "references"];
    let mut answers: Vec<(&str, Vec<Duration>)> = Vec::new();
    let mut checks = Vec::new();
    for round in 0..rounds {
        let place = editor.place(round)?;
        let start = Instant::now();
        editor.type_at(place, if round % 2 == 0 { "x" } else { "" })?;
        let method = methods.get(round / 2 % methods.len())?;
        let time = editor.ask(method, place, round)? - start;
        match answers.iter_mut().find(|(known, _)| known == method) {
            Some((_, times)) => times.push(time),
            None => answers.push((method, vec![time])),
        }
        checks.push(editor.checked()? - start);
    }
    editor.child.kill().ok()?;
    editor.child.wait().ok()?;
    let mut all: Vec<Duration> = answers
        .iter()
        .flat_map(|(_, times)| times.clone())
        .collect();
    let (p50, p99, _) = figures(&mut all)?;
    if json {
        println!("{{\"editor_p50_ms\": {p50:.2}, \"editor_p99_ms\": {p99:.2}}}");
        return Some(());
    }
    println!("{LINES} lines, {rounds} edits, each with a request");
    answers.push(("diagnostics", checks));
    answers.push(("every answer", all));
    for (what, mut times) in answers {
        let (p50, p99, most) = figures(&mut times)?;
        println!("{what:>18}  p50 {p50:>7.2} ms  p99 {p99:>7.2} ms  max {most:>7.2} ms");
    }
    Some(())
}

/// Median, 99th percentile and maximum in milliseconds.
fn figures(times: &mut [Duration]) -> Option<(f64, f64, f64)> {
    times.sort();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).map(|time| time.as_secs_f64() * 1e3)
    };
    Some((at(50)?, at(99)?, at(100)?))
}

impl Editor {
    fn start() -> Option<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cmsl"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut output = BufReader::new(child.stdout.take()?);
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send((Instant::now(), message)).is_err() {
                    return;
                }
            }
        });
        let mut editor = Self {
            input: child.stdin.take()?,
            child,
            messages,
            text: corpus::program(LINES),
            version: 1,
            said: None,
        };
        editor
            .send(&json!({ "jsonrpc": "2.0", "id": -1, "method": "initialize", "params": {} }))?;
        let item = json!({ "uri": URI, "languageId": "cmsl", "version": 1, "text": editor.text });
        editor.notify("didOpen", json!({ "textDocument": item }))?;
        editor.checked()?;
        Some(editor)
    }

    fn send(&mut self, message: &Value) -> Option<()> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).ok()?;
        self.input.flush().ok()
    }

    fn notify(&mut self, method: &str, params: Value) -> Option<()> {
        let method = format!("textDocument/{method}");
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// The end of some word, another one in each pair of rounds.
    fn place(&self, round: usize) -> Option<(usize, usize)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut line = (round / 2).wrapping_mul(7_919) % lines.len();
        loop {
            let text = lines.get(line)?;
            let start = text.find(|c: char| c.is_ascii_alphabetic());
            // Not in comments and strings, where nothing would happen.
            if let Some(start) = start.filter(|_| !text.contains(['/', '"'])) {
                let rest = text.get(start..)?;
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                return Some((line, start + length.unwrap_or(rest.len())));
            }
            line = (line + 1) % lines.len();
        }
    }

    /// Makes the word longer that ends at a place, or takes that back.
    fn type_at(&mut self, (line, column): (usize, usize), text: &str) -> Option<()> {
        self.version += 1;
        self.said = None;
        let end = column + usize::from(text.is_empty());
        let range = json!({
            "start": { "line": line, "character": column },
            "end": { "line": line, "character": end },
        });
        let params = json!({
            "textDocument": { "uri": URI, "version": self.version },
            "contentChanges": [{ "range": range, "text": text }],
        });
        self.notify("didChange", params)
    }

    fn ask(&mut self, method: &str, place: (usize, usize), id: usize) -> Option<Instant> {
        let params = json!({
            "textDocument": { "uri": URI },
            "position": { "line": place.0, "character": place.1 },
            "context": { "includeDeclaration": true },
        });
        let method = format!("textDocument/{method}");
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let (at, message) = self.next()?;
            if message.get("id") == Some(&json!(id)) {
                return Some(at);
            }
        }
    }

    /// When the diagnostics of the present text came.
    fn checked(&mut self) -> Option<Instant> {
        while self.said.is_none() {
            self.next()?;
        }
        self.said
    }

    fn next(&mut self) -> Option<(Instant, Value)> {
        let (at, message) = self.messages.recv().ok()?;
        let version = message
            .get("params")
            .and_then(|params| params.get("version"));
        if version == Some(&json!(self.version)) {
            self.said = Some(at);
        }
        Some((at, message))
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output
            .read_line(&mut line)
            .ok()
            .filter(|&count| count > 0)?;
        match line.strip_prefix("Content-Length: ") {
            Some(value) => length = value.trim().parse().ok()?,
            None => break,
        }
    }
    let mut bytes = Vec::new();
    output.take(length).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
