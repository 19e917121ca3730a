//! Random programs without mistakes, each decided by a seed.
//!
//! A program has a server class, classes whose objects it keeps and passes, and a main that makes the same calls of a local object
//! or of a replicated server, as its argument says, and prints all state after each. Loops and the depth of calls
//! are bounded; most of what can be raised is raised somewhere, and caught somewhere or not at all. A statement stands
//! on a line of its own, so that a line is a position.

mod class;
mod expr;
mod function;
mod ledger;
mod object;
mod program;
mod random;
mod scope;
mod server;
mod stmt;
mod ty;

use random::Random;
use scope::Variable;
use ty::Ty;

/// A function, method or constructor.
#[derive(Clone, Debug)]
struct Signature {
    name: String,
    parameters: Vec<Ty>,
    result: Ty,
    /// Whether it changes nothing.
    pure: bool,
}

/// What is known of a class of objects.
#[derive(Clone, Debug)]
struct Shape {
    name: String,
    base: Option<usize>,
    /// All that its objects have.
    fields: Vec<(String, Ty)>,
    constructors: Vec<Vec<Ty>>,
    methods: Vec<Signature>,
}

/// A program in the making.
struct Generator {
    random: Random,
    seed: u64,
    text: String,
    indent: usize,
    enums: Vec<(String, Vec<String>)>,
    classes: Vec<Shape>,
    functions: Vec<Signature>,
    /// Functions that give an empty collection, and that show one.
    empties: Vec<Ty>,
    shown: Vec<Ty>,
    scope: Vec<Variable>,
    names: usize,
    /// The methods of `this` that may be called.
    own: Vec<Signature>,
    /// Methods of objects with this number or a greater one may not be called, so that calls end.
    limit: usize,
    /// Whether nothing but locals may change.
    pure: bool,
    /// How many loops are around, and whether they may be left.
    loops: usize,
    leaves: bool,
    catches: usize,
    result: Ty,
    /// Whether there are servers beside the one that main calls, and whether one may be called here.
    has_ledgers: bool,
    books: bool,
}

/// The program of a seed.
#[must_use]
pub fn program(seed: u64) -> String {
    let mut generator = Generator {
        random: Random::new(seed),
        seed,
        text: String::new(),
        indent: 0,
        enums: Vec::new(),
        classes: Vec::new(),
        functions: Vec::new(),
        empties: Vec::new(),
        shown: Vec::new(),
        scope: Vec::new(),
        names: 0,
        own: Vec::new(),
        limit: 0,
        pure: false,
        loops: 0,
        leaves: false,
        catches: 0,
        result: Ty::Void,
        has_ledgers: false,
        books: false,
    };
    generator.program();
    generator.text
}

impl Generator {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.text.push_str("    ");
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A line that opens a block.
    fn open(&mut self, text: &str) {
        self.line(&format!("{text} {{"));
        self.indent += 1;
    }

    fn close(&mut self) {
        self.indent -= 1;
        self.line("}");
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }
}
