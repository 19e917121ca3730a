//! An interpreter of the syntax tree: what `language.md` says, done the plain way.
//!
//! It resolves names while it runs and shares nothing with the compiler but the parser, so that a fault would have to be
//! made twice to stay unseen. It takes programs that the compiler has found right, and what it does not know
//! (dates, hosts, names of servers, embedding code) it abandons. Replies come in the order of the `invoke`s.

mod builtin;
mod call;
mod collection;
mod expr;
mod heap;
mod number;
mod place;
mod server;
mod stmt;
mod typing;
mod value;
mod world;

use std::rc::Rc;

use cmsl_parser::ast::File;
use cmsl_parser::{Sources, Span};

use heap::Object;
use value::{Ty, Value};
use world::World;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit status.
    Status(i32),
    /// By an exception that nobody caught: its class, and the line of the source that raised it.
    Uncaught {
        /// Its class.
        class: String,
        /// The line.
        line: u32,
    },
    /// Not at all: it uses what the interpreter does not know, or does not end.
    Abandoned(String),
}

/// What a program did.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it printed.
    pub output: String,
    /// How it ended.
    pub end: End,
}

/// An exception on its way.
#[derive(Clone, Debug)]
pub(crate) struct Raised {
    object: usize,
    span: Span,
}

/// Why an evaluation has no value.
enum Stop {
    Raised(Raised),
    Abandoned(String),
}

type Step<T> = Result<T, Stop>;

/// The most steps of a program that is expected to end.
const STEPS_MAX: u64 = 20_000_000;

/// The deepest nesting of calls.
const DEPTH_MAX: u32 = 2000;

/// Enough stack for so many calls.
const STACK_BYTES: usize = 1 << 30;

struct Interpreter<'a> {
    world: World<'a>,
    sources: &'a Sources,
    args: &'a [String],
    heap: Vec<Object>,
    globals: Vec<Value>,
    output: String,
    /// What each command that runs has changed: object, attribute and the value before.
    undo: Vec<Vec<(usize, usize, Value)>>,
    /// The servers that wait for the one that runs, which is the last.
    busy: Vec<usize>,
    /// The next object is a server.
    expects_server: bool,
    steps: u64,
    depth: u32,
}

/// What a body sees.
struct Frame<'a> {
    locals: Vec<(&'a str, Ty, Value)>,
    this: Option<usize>,
    class: Option<usize>,
    module: Rc<str>,
    result: Ty,
    /// The exceptions whose catches are around.
    caught: Vec<Raised>,
}

impl<'a> Frame<'a> {
    fn new(module: Rc<str>) -> Frame<'a> {
        Frame {
            locals: Vec::new(),
            this: None,
            class: None,
            module,
            result: Ty::Void,
            caught: Vec::new(),
        }
    }

    fn local(&self, name: &str) -> Option<usize> {
        self.locals.iter().rposition(|(known, ..)| *known == name)
    }
}

/// Runs a program without mistakes.
#[must_use]
pub fn run(sources: &Sources, files: &[File], args: &[String]) -> Run {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || run_here(sources, files, args))
            .unwrap()
            .join()
            .unwrap()
    })
}

fn run_here(sources: &Sources, files: &[File], args: &[String]) -> Run {
    let mut interpreter = Interpreter {
        world: World::of(files),
        sources,
        args,
        heap: Vec::new(),
        globals: Vec::new(),
        output: String::new(),
        undo: Vec::new(),
        busy: Vec::new(),
        expects_server: false,
        steps: 0,
        depth: 0,
    };
    let end = match interpreter.main() {
        Ok(status) => End::Status(status),
        Err(Stop::Raised(raised)) => End::Uncaught {
            class: interpreter.class_name(raised.object).to_owned(),
            line: sources
                .source(raised.span.file)
                .position(raised.span.start)
                .line,
        },
        Err(Stop::Abandoned(why)) => End::Abandoned(why),
    };
    Run {
        output: interpreter.output,
        end,
    }
}

impl<'a> Interpreter<'a> {
    fn main(&mut self) -> Step<i32> {
        for index in 0..self.world.globals.len() {
            let global = &self.world.globals[index];
            let (ty, declared) = (global.ty.clone(), global.declared);
            let mut frame = Frame::new(global.module.clone());
            let value = self.initial(&ty, declared, &mut frame)?;
            self.globals.push(value);
        }
        let Some(main) = self.world.functions.get("main").and_then(|all| all.first()) else {
            return Ok(0);
        };
        let main = main.clone();
        let words = self.args.iter().map(|word| Value::text(word)).collect();
        let arguments = match main.parameters.len() {
            0 => vec![],
            _ => vec![Value::List(Rc::new(words))],
        };
        match self.run_routine(&main, None, arguments)? {
            Value::Integer(_, status) => Ok(status as i32),
            _ => Ok(0),
        }
    }

    /// An exception of a predefined class.
    fn raise(&mut self, class: &str, message: &str, span: Span) -> Stop {
        let Some(class) = self.world.class_named(class, "") else {
            return Stop::Abandoned(format!("no class {class}"));
        };
        let object = self.allocate(class);
        self.heap[object].fields[0] = Value::text(message);
        Stop::Raised(Raised { object, span })
    }

    fn class_name(&self, object: usize) -> &'a str {
        self.world.classes[self.heap[object].class].name
    }

    /// Servers print where they run, which is not where main does.
    fn print(&mut self, text: &str) {
        if self.undo.is_empty() {
            self.output += text;
        }
    }

    /// Counts a step of the program.
    fn tick(&mut self) -> Step<()> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(Stop::Abandoned("it takes too many steps".to_owned()));
        }
        Ok(())
    }

    /// The text of a part of the program.
    fn text(&self, span: Span) -> &'a str {
        let text = self.sources.source(span.file).text();
        text.get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }
}

fn abandon<T>(why: &str) -> Step<T> {
    Err(Stop::Abandoned(why.to_owned()))
}
