//! Files and the items in them.

use std::sync::Arc;

use super::{Block, Class, Contract, Expr, Name, Path, Type};
use crate::{FileId, Span};

/// One source file.
#[derive(Debug, Clone)]
pub struct File {
    /// The file.
    pub file: FileId,
    /// Its items, in the order of the text; shared, because an editor's next tree has most of them again.
    pub items: Vec<Arc<Item>>,
    /// All comments, in the order of the text.
    pub comments: Vec<Comment>,
}

/// A comment, its delimiters included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Which kind.
    pub kind: CommentKind,
    /// Where it stands, delimiters included, a line's end excluded.
    pub span: Span,
}

/// The three kinds of comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentKind {
    /// `// …`
    Line,
    /// `/* … */`
    Block,
    /// `/// …`
    Doc,
}

/// The `///` lines before an item, a member, an enum's value or an extern declaration.
#[derive(Debug, Clone)]
pub struct Doc {
    /// The lines without `///` and without the one space after it, joined by newlines.
    pub text: String,
    /// From the first line to the last.
    pub span: Span,
}

/// What may stand at the top of a file or in a module.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its documentation.
    pub doc: Option<Doc>,
    /// Which item.
    pub kind: ItemKind,
    /// From its first token to its last.
    pub span: Span,
}

/// The items.
#[derive(Debug, Clone)]
pub enum ItemKind {
    /// `import "radar/track.cmsl";`
    Import(Import),
    /// `using airspace;`
    Using(Using),
    /// `module airspace { … }`
    Module(Module),
    /// `class track { … }`, `server class database { … }`
    Class(Class),
    /// `enum phase { climb, cruise };`
    Enum(Enum),
    /// `typedef list<track> track_list;`
    Typedef(Typedef),
    /// A function, or a method or constructor that is defined out of line.
    Function(Box<Function>),
    /// `const double limit = 5.0;`, `int seen = 0;`
    Variables(Variables),
    /// `extern "rust" { … }`
    Extern(Extern),
    /// Text that is no item; it has been reported.
    Error,
}

/// `import "radar/track.cmsl";`
#[derive(Debug, Clone)]
pub struct Import {
    /// The path as written, escapes resolved.
    pub path: Arc<str>,
    /// The string with its quotes.
    pub path_span: Span,
}

/// `using airspace;`
#[derive(Debug, Clone)]
pub struct Using {
    /// The module that is opened.
    pub module: Path,
}

/// `module airspace { … }`
#[derive(Debug, Clone)]
pub struct Module {
    /// Its name.
    pub name: Name,
    /// What it contains.
    pub items: Vec<Arc<Item>>,
}

/// `enum phase { climb, cruise, descent };`
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name.
    pub name: Name,
    /// Its values, in order.
    pub values: Vec<EnumValue>,
}

/// One value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Its documentation.
    pub doc: Option<Doc>,
    /// Its name.
    pub name: Name,
    /// `= 3`, if it is there.
    pub value: Option<Expr>,
}

/// `typedef list<track> track_list;`
#[derive(Debug, Clone)]
pub struct Typedef {
    /// The type that gets a name.
    pub ty: Type,
    /// The name.
    pub name: Name,
}

/// `int n = 3, index;`: variables or constants of one type, as an item or a statement.
#[derive(Debug, Clone)]
pub struct Variables {
    /// The `const` before them, if it is there.
    pub constant: Option<Span>,
    /// The type before the names.
    pub ty: Type,
    /// At least one.
    pub declarators: Vec<Declarator>,
}

/// `name [size] = value`
#[derive(Debug, Clone)]
pub struct Declarator {
    /// The name.
    pub name: Name,
    /// The size, if it is an array.
    pub size: Option<Expr>,
    /// The initial value.
    pub value: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// A function, a method or a constructor.
#[derive(Debug, Clone)]
pub struct Function {
    /// The result; constructors have none.
    pub result: Option<Type>,
    /// The name, qualified by its class if it is defined out of line.
    pub name: Path,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The `const` behind the parameters, if it is there.
    pub constant: Option<Span>,
    /// `pre` and `post`, in order.
    pub contracts: Vec<Contract>,
    /// The call of the base's constructor, of constructors only.
    pub base_call: Option<BaseCall>,
    /// The body; without it this is a declaration.
    pub body: Option<Block>,
    /// From the first token up to the body: what a message about the function underlines.
    pub head: Span,
}

/// `track t` or `track t[5]` among parameters.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its type.
    pub ty: Type,
    /// Its name; declarations may leave it out.
    pub name: Option<Name>,
    /// The size, if it is an array.
    pub size: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// `: square (1.0)` of a constructor.
#[derive(Debug, Clone)]
pub struct BaseCall {
    /// The class that is named.
    pub class: Path,
    /// The arguments.
    pub arguments: Vec<Expr>,
    /// All of it, without the colon.
    pub span: Span,
}

/// `extern "rust" { … }`: classes without bodies and functions without bodies.
#[derive(Debug, Clone)]
pub struct Extern {
    /// The language as written; only `rust` is known, anything else has been reported.
    pub language: Arc<str>,
    /// Where the language is named.
    pub language_span: Span,
    /// [`ItemKind::Class`], [`ItemKind::Function`], or [`ItemKind::Error`]. No function in them has a body.
    pub items: Vec<Arc<Item>>,
}
