//! `cmsl lsp`: the language server.
//!
//! One thread reads, one analyses, and this one keeps the documents and answers. A request waits for the analysis of
//! the text that it was made for, but not for long: then it is answered from the last one, with the places moved by
//! what was typed since. So an answer never waits for a long program to be checked, and a short one is always
//! answered from its present text.

mod analysis;
mod complete;
mod documents;
mod frame;
mod navigate;
mod place;
mod protocol;
mod receiver;
mod rename;
mod report;
mod requests;
mod text;
mod tokens;
mod words;

use crate::failure::Failure;
use analysis::{Outcome, Root, Snapshot};
use documents::{Document, Documents};
use frame::Frame;
use lsp_server::{Message, Notification, Request, RequestId, Response};
use protocol::{DidChange, DidOpen, OfDocument};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use text::Text;

/// How long a request waits for the analysis of the present text.
const PATIENCE: Duration = Duration::from_millis(20);
/// How long it waits where nothing is known yet, or where only the present text will do.
const PATIENCE_MAX: Duration = Duration::from_secs(10);

/// What the main thread waits for.
enum Event {
    Frame(Frame),
    Analysed(Outcome),
    Broken(std::io::Error),
}

/// Speaks on stdin and stdout until the editor says `exit`.
pub fn run() -> Result<ExitCode, Failure> {
    let (sender, events) = channel();
    let snapshots = analysis::start(sender.clone(), Event::Analysed)
        .map_err(|why| Failure::world(format!("cannot start a thread: {why}")))?;
    std::thread::spawn(move || read(&sender));
    let mut server = Server {
        out: std::io::stdout(),
        snapshots,
        state: State::Fresh,
        documents: Documents::new(),
        generation: 0,
        disk: 0,
        roots: Vec::new(),
        analysed: 0,
        waiting: Vec::new(),
        published: BTreeMap::new(),
    };
    server.serve(&events)
}

fn read(events: &Sender<Event>) {
    let mut input = std::io::stdin().lock();
    loop {
        let event = match frame::read(&mut input) {
            Ok(frame) => Event::Frame(frame),
            Err(why) => Event::Broken(why),
        };
        let last = matches!(event, Event::Broken(_) | Event::Frame(Frame::End));
        if events.send(event).is_err() || last {
            return;
        }
    }
}

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Running,
    ShutDown,
}

/// A request that waits.
struct Waiting {
    request: Request,
    deadline: Instant,
}

struct Server<W> {
    out: W,
    snapshots: Sender<Snapshot>,
    state: State,
    documents: Documents,
    /// Counts the changes of what is analysed.
    generation: u64,
    disk: u64,
    roots: Vec<Arc<Root>>,
    /// The generation that `roots` are of.
    analysed: u64,
    waiting: Vec<Waiting>,
    /// What the editor was last told of each file.
    published: BTreeMap<PathBuf, (Option<i64>, Vec<Value>)>,
}

impl<W: Write> Server<W> {
    fn serve(&mut self, events: &Receiver<Event>) -> Result<ExitCode, Failure> {
        loop {
            let event = match self.waiting.iter().map(|waiting| waiting.deadline).min() {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(deadline) => {
                    events.recv_timeout(deadline.saturating_duration_since(Instant::now()))
                }
            };
            match event {
                Ok(Event::Frame(Frame::Message(Message::Notification(notification))))
                    if notification.method == "exit" =>
                {
                    return Ok(self.exit());
                }
                Ok(Event::Frame(Frame::End)) => return Ok(self.exit()),
                Ok(Event::Frame(frame)) => self.frame(frame)?,
                Ok(Event::Analysed(outcome)) => self.analysed(outcome)?,
                Ok(Event::Broken(why)) => {
                    return Err(Failure::world(format!(
                        "cannot read the editor's messages: {why}"
                    )));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(self.exit()),
            }
            self.answer_due(Instant::now())?;
        }
    }

    /// As the protocol has it: 0 only after `shutdown`.
    fn exit(&self) -> ExitCode {
        ExitCode::from(u8::from(self.state != State::ShutDown))
    }

    fn frame(&mut self, frame: Frame) -> Result<(), Failure> {
        match frame {
            Frame::Message(Message::Request(request)) => self.request(request),
            Frame::Message(Message::Notification(notification)) => self.notification(notification),
            // We ask nothing, so that there is nothing to be answered.
            Frame::Message(Message::Response(_)) | Frame::End => Ok(()),
            Frame::Garbage(why) => self.write(&json!({
                "jsonrpc": "2.0",
                "id": null,
                "error": { "code": protocol::PARSE_ERROR, "message": why },
            })),
        }
    }

    fn request(&mut self, request: Request) -> Result<(), Failure> {
        let refuse = |code, why: &str| Response::new_err(request.id.clone(), code, why.to_owned());
        match (self.state, request.method.as_str()) {
            (State::Fresh, "initialize") => {
                self.state = State::Running;
                self.respond(Response::new_ok(request.id, protocol::capabilities()))
            }
            (State::Fresh, _) => self.respond(refuse(
                protocol::NOT_INITIALIZED,
                "`initialize` comes first",
            )),
            (State::ShutDown, _) | (_, "initialize") => self.respond(refuse(
                protocol::INVALID_REQUEST,
                "this is not the time for it",
            )),
            (State::Running, "shutdown") => {
                self.answer_due(Instant::now() + PATIENCE_MAX * 2)?;
                self.state = State::ShutDown;
                self.respond(Response::new_ok(request.id, Value::Null))
            }
            (State::Running, method) if !requests::is_known(method) => self.respond(refuse(
                protocol::METHOD_NOT_FOUND,
                "there is no such request",
            )),
            (State::Running, _) => {
                let patience = self.patience(&request);
                let deadline = Instant::now() + patience;
                self.waiting.push(Waiting { request, deadline });
                Ok(())
            }
        }
    }

    fn patience(&self, request: &Request) -> Duration {
        let is_known = requests::document(&request.params).is_none_or(|path| {
            !self.documents.contains_key(&path)
                || self.roots.iter().any(|root| root.file(&path).is_some())
        });
        if !requests::needs_analysis(&request.method) {
            Duration::ZERO
        } else if is_known && !requests::needs_present(&request.method) {
            PATIENCE
        } else {
            PATIENCE_MAX
        }
    }

    /// Answers what waits no longer: all if the analysis is of the present texts.
    fn answer_due(&mut self, now: Instant) -> Result<(), Failure> {
        let current = self.analysed == self.generation;
        let (due, rest): (Vec<Waiting>, Vec<Waiting>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| current || waiting.deadline <= now);
        self.waiting = rest;
        for waiting in due {
            let Request { id, method, params } = waiting.request;
            let world = place::World {
                roots: &self.roots,
                documents: &self.documents,
            };
            let response = match requests::answer(world, &method, params) {
                Ok(value) => Response::new_ok(id, value),
                Err((code, why)) => Response::new_err(id, code, why),
            };
            self.respond(response)?;
        }
        Ok(())
    }

    fn notification(&mut self, notification: Notification) -> Result<(), Failure> {
        if self.state != State::Running {
            return Ok(());
        }
        let Notification { method, params } = notification;
        if method == "$/cancelRequest" {
            let Some(cancel) = parsed::<protocol::Cancel>(params) else {
                return Ok(());
            };
            return self.cancel(&cancel.id);
        }
        // What was asked before a change is answered before it.
        if method.starts_with("textDocument/did") {
            self.answer_due(Instant::now() + PATIENCE_MAX * 2)?;
        }
        match method.as_str() {
            "textDocument/didOpen" => {
                let Some(DidOpen {
                    text_document: item,
                }) = parsed(params)
                else {
                    return Ok(());
                };
                let document = Document {
                    text: Arc::new(Text::new(item.text)),
                    version: item.version,
                    uri: item.uri,
                };
                self.documents
                    .insert(documents::path(&document.uri), document);
                self.changed();
            }
            "textDocument/didChange" => {
                if let Some(change) = parsed(params) {
                    self.change(change);
                }
            }
            "textDocument/didClose" => {
                let Some(OfDocument { text_document }) = parsed(params) else {
                    return Ok(());
                };
                self.documents.remove(&documents::path(&text_document.uri));
                self.changed();
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.disk += 1;
                self.changed();
            }
            _ => {}
        }
        Ok(())
    }

    fn cancel(&mut self, id: &RequestId) -> Result<(), Failure> {
        let place = self
            .waiting
            .iter()
            .position(|waiting| waiting.request.id == *id);
        let Some(place) = place else { return Ok(()) };
        let cancelled = self.waiting.remove(place);
        let why = "taken back".to_owned();
        self.respond(Response::new_err(
            cancelled.request.id,
            protocol::CANCELLED,
            why,
        ))
    }

    fn change(&mut self, change: DidChange) {
        let path = documents::path(&change.text_document.uri);
        let Some(document) = self.documents.get_mut(&path) else {
            return;
        };
        for change in change.content_changes {
            document.text = Arc::new(document.text.changed(change.range, &change.text));
        }
        document.version = change.text_document.version;
        self.changed();
    }

    fn changed(&mut self) {
        self.generation += 1;
        // The worker ends with this thread only.
        let _ = self.snapshots.send(Snapshot {
            generation: self.generation,
            documents: self.documents.clone(),
            disk: self.disk,
        });
    }

    fn analysed(&mut self, outcome: Outcome) -> Result<(), Failure> {
        self.analysed = outcome.generation;
        self.roots = outcome.roots;
        // Requests before messages: somebody waits for them.
        self.answer_due(Instant::now())?;
        let found = report::diagnostics(&self.roots, &self.documents);
        let mut news: Vec<(PathBuf, Option<i64>, Vec<Value>)> = Vec::new();
        for path in self.published.keys() {
            if !found.contains_key(path) {
                news.push((path.clone(), None, Vec::new()));
            }
        }
        for (path, (version, said)) in &found {
            let old = self.published.get(path);
            let is_news = match old {
                Some((_, old)) => old != said,
                None => self.documents.contains_key(path) || !said.is_empty(),
            };
            if is_news {
                news.push((path.clone(), *version, said.clone()));
            }
        }
        for (path, version, said) in news {
            let mut params = json!({
                "uri": documents::uri(&path, &self.documents),
                "diagnostics": said,
            });
            if let (Some(version), Some(fields)) = (version, params.as_object_mut()) {
                fields.insert("version".to_owned(), json!(version));
            }
            self.write(&json!({
                "jsonrpc": "2.0",
                "method": "textDocument/publishDiagnostics",
                "params": params,
            }))?;
        }
        self.published = found;
        Ok(())
    }

    fn respond(&mut self, response: Response) -> Result<(), Failure> {
        Message::Response(response)
            .write(&mut self.out)
            .map_err(|why| deaf(&why))
    }

    fn write(&mut self, message: &Value) -> Result<(), Failure> {
        let text = message.to_string();
        write!(self.out, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.out.flush())
            .map_err(|why| deaf(&why))
    }
}

fn deaf(why: &std::io::Error) -> Failure {
    Failure::world(format!("cannot write to the editor: {why}"))
}

/// The parameters of a notification; what is malformed is passed over, for nobody waits for an answer.
fn parsed<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}
