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

    /// A `/*` has no `*/`. Comments do not nest.
    UNFINISHED_COMMENT = "E0104" Error "a comment does not end";

    /// A string or a character does not end on the line on which it begins. A line's end inside a string
    /// is written `\n`; long texts are joined with `+`.
    UNFINISHED_LITERAL = "E0105" Error "a literal does not end";

    /// The character belongs to no word, number or operator of the language. Any character may stand in
    /// strings and comments.
    UNKNOWN_CHARACTER = "E0106" Error "unknown character";

    /// Brackets, types, conditionals, operators before an operand, and statements without braces nest at
    /// most 256 deep; a chain of calls (`a.f ().g ()`) is at most 512 long. Chains of operators and of `else if` may be
    /// as long as they like. Give the inner part a name: a variable, a function or a typedef of its own.
    TOO_DEEP = "E0107" Error "nesting is too deep";

    /// A number is not written as the language writes numbers, or no type can hold it.
    ///
    /// Integers are decimal (`42`) or hexadecimal (`0x2a`), without a leading zero and without a suffix,
    /// and at most 18446744073709551615. Real numbers have digits on both sides of the point (`0.5`), and
    /// may have an exponent (`6e23`).
    BAD_NUMBER = "E0108" Error "the number is malformed or too large";

    /// In strings and characters a `\` begins one of `\n`, `\r`, `\t`, `\0`, `\\`, `\'`, `\"`, or
    /// `\u{1F6E9}`, a Unicode scalar value of up to six hexadecimal digits. A character literal holds exactly one
    /// character.
    BAD_LITERAL = "E0109" Error "the literal is malformed";

    /// An assignment is a statement and has no value: it cannot stand in a condition, and assignments
    /// are not chained.
    ///
    /// ```text
    /// a = b = 0;          // write  b = 0; a = 0;
    /// if (a = b) { }      // write  if (a == b) { }
    /// ```
    ASSIGNMENT_VALUE = "E0110" Error "an assignment has no value";

    /// What stands before the parentheses is no name: only functions, methods and classes are called.
    NOT_CALLABLE = "E0111" Error "only names are called";

    /// `invoke` stands before a call of a method, `invoke s->m (a)`: it starts the call and returns a
    /// future at once.
    INVOKE_FORM = "E0112" Error "`invoke` needs a call of a method";

    /// `accept` takes the futures and how many of them to wait for: `accept (futures, n)`, or
    /// `accept (f, 1)` for a single one.
    ACCEPT_FORM = "E0113" Error "`accept` takes two arguments";

    /// `for every` runs a new variable through a range: `for every i, 0 <= i < n, statement`. Each of the two
    /// relations is `<` or `<=`, and the variable stands between them.
    FOR_EVERY_FORM = "E0114" Error "the range of a `for every` is malformed";

    /// After `server CLASS` stand properties: `replicas (n)`, `tolerance (t)` (also spelt `tolerate`),
    /// `model` with `correct`, `crash` or `byzantine`, `hosts (h1, h2)`, `disjoint`, `priority (p)`,
    /// `protocol NAME`, `name ("…")` and `durable`, in any order.
    UNKNOWN_PROPERTY = "E0115" Error "no such property of servers";

    /// A property of a server has the wrong number of arguments: `hosts` takes one or more, `disjoint`
    /// none, `durable` none or a condition, the others one.
    PROPERTY_FORM = "E0116" Error "a property has the wrong arguments";

    /// `set`, `bag` and `list` take one type, `set<int>`; `map` takes two, `map<string, track>`; `future`
    /// takes one or none.
    TYPE_ARGUMENTS = "E0117" Error "a type has the wrong arguments";

    /// `void` says that a function has no result; nothing else has that type.
    VOID_VALUE = "E0118" Error "`void` is no type of a value";

    /// State of a class is introduced by `attribute`, or by `relation` where it refers to objects of
    /// classes.
    ///
    /// ```text
    /// class track {
    ///     attribute string callsign;
    ///     relation flight_plan plan;
    /// }
    /// ```
    FIELD_KEYWORD = "E0119" Error "a field without `attribute` or `relation`";

    /// A function or method states its result, or `void`; only a constructor, which has the name of its
    /// class, goes without.
    RESULT_MISSING = "E0120" Error "a function has no result type";

    /// The keyword cannot be used as a name.
    KEYWORD = "E0121" Error "a keyword is no name";

    /// A declaration has something that its kind cannot have: a constructor has no result and no
    /// `const`; a base's constructor is called by constructors alone; methods inside a class have plain
    /// names; what is `extern` has no body; only one relation at a time has an inverse.
    DECLARATION_FORM = "E0122" Error "a declaration has a part that it cannot have";

    /// Only `extern "rust"` exists.
    EXTERN_LANGUAGE = "E0123" Error "unknown language of an extern block";
}
