//! The rules of the syntax family.

crate::rules! {
    /// The rules about the form of a program: what the parser reports.
    pub static SYNTAX;

    /// The text does not fit the grammar at the place that is underlined. The message says what was
    /// expected there; the help line, what to write.
    ///
    /// After a syntax error the compiler goes on at the next statement, member or item, so that one run
    /// reports several mistakes, and it does not look at names and types before the form is right.
    UNEXPECTED = "E0101" Error "the text does not fit the grammar";

    /// A bracket is opened and not closed, closed and not opened, or closed by one of another kind.
    ///
    /// ```text
    /// void main () { println ("{}", f (1); }
    /// ```
    ///
    /// Here the `)` of `println (` is missing.
    UNBALANCED = "E0102" Error "a bracket has no partner";

    /// A source file is UTF-8 text of at most 16 MiB without NUL characters. A byte order mark is
    /// accepted, and so are lines that end in CR LF.
    NOT_TEXT = "E0103" Error "the file is no source text";
}
