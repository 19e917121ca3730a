//! Types as they are written.

use super::Path;
use crate::Span;

/// A type in the text.
#[derive(Debug, Clone)]
pub struct Type {
    /// Which type.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// What a type can look like. The predefined names that are no keywords (`date`, `time`, `timestamp`,
/// `interval`, `host`, `error`, the exceptions) are [`TypeKind::Named`] like every class.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// `void`, as a result only.
    Void,
    /// `boolean`.
    Boolean,
    /// `char`.
    Char,
    /// `octet`.
    Octet,
    /// `short`.
    Short,
    /// `int`.
    Int,
    /// `long`.
    Long,
    /// `unsigned short`.
    UnsignedShort,
    /// `unsigned int`.
    UnsignedInt,
    /// `unsigned long`.
    UnsignedLong,
    /// `float`.
    Float,
    /// `double`.
    Double,
    /// `string`.
    String,
    /// `set<T>`.
    Set(Box<Type>),
    /// `bag<T>`.
    Bag(Box<Type>),
    /// `list<T>`.
    List(Box<Type>),
    /// `map<K, V>`.
    Map(Box<Type>, Box<Type>),
    /// `future<T>`, or plain `future`.
    Future(Option<Box<Type>>),
    /// A class, an enum, a typedef or a predefined name.
    Named(Path),
    /// What was written is no type; it has been reported.
    Error,
}
