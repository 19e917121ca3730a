//! What people write who come from other languages, and what to write here.

use super::Region;
use super::expected::Expected;
use super::place::Place;
use crate::Diagnostic;
use crate::diagnostic::UNEXPECTED;
use crate::parse::grammar::Rule;
use crate::parse::span;

const FUNCTION: &str = "a function begins with the type of its result, `int f (int x)`";
const TYPE_FIRST: &str = "write the type of the variable";
const BASE: &str = "write the base behind a colon, `class c : public base`";
const EACH: &str = "write `for (T x : c)`";
const ELSE_IF: &str = "write `else if`";

/// Words of other languages, and what to write here.
const WORDS: [(&str, &str); 41] = [
    ("virtual", "every method is virtual: remove the word"),
    (
        "override",
        "every method overrides the one of its name in the base: remove the word",
    ),
    (
        "static",
        "write a function outside of the class, or a constant",
    ),
    ("struct", "write `class`"),
    ("namespace", "write `module`"),
    (
        "template",
        "there are no templates; the collections `list<T>`, `set<T>`, `bag<T>`, `map<K, V>` exist",
    ),
    ("friend", "there are no friends; make the member `public:`"),
    ("protected", "members are `public:` or `private:`"),
    (
        "goto",
        "there is no `goto`; use a loop with `break` or `continue`, or a function with `return`",
    ),
    (
        "operator",
        "operators are not overloaded; write a method with a name",
    ),
    (
        "sizeof",
        "there is no `sizeof`; `length (x)` counts elements",
    ),
    ("bool", "the type is called `boolean`"),
    ("auto", TYPE_FIRST),
    ("var", TYPE_FIRST),
    ("let", TYPE_FIRST),
    ("fn", FUNCTION),
    ("func", FUNCTION),
    ("function", FUNCTION),
    ("def", FUNCTION),
    (
        "interface",
        "write `class`: the methods of a class are virtual, and those that derive from it override them",
    ),
    ("implements", BASE),
    ("extends", BASE),
    (
        "abstract",
        "every class can be instantiated: remove the word",
    ),
    ("final", "every class may be derived from: remove the word"),
    (
        "finally",
        "write behind the `try` what is to happen in any case; `catch (exception e)` catches everything, and `throw;` throws it on",
    ),
    ("foreach", EACH),
    ("elif", ELSE_IF),
    ("elsif", ELSE_IF),
    ("elseif", ELSE_IF),
    (
        "std",
        "there is no `std`; the collections are `list<T>`, `set<T>`, `bag<T>`, `map<K, V>`, and the type of text is `string`",
    ),
    (
        "async",
        "every method can be called without waiting: `future<T> f = invoke s->m ();`",
    ),
    (
        "await",
        "`f->result` waits for the reply of a future, `accept (f, n)` for the next of several",
    ),
    ("package", "write `module`"),
    (
        "synchronized",
        "a server runs one method at a time: remove the word",
    ),
    ("mut", "every variable can be changed: remove the word"),
    ("constexpr", "write `const`"),
    (
        "instanceof",
        "a cast, `(c) x`, raises `bad_cast` where the object is of another class; or write a method that each class overrides",
    ),
    (
        "throws",
        "a function does not say what it throws: remove it",
    ),
    ("and", "write `&&`"),
    ("or", "write `||`"),
    ("not", "write `!`"),
];

/// A word of another language.
pub(super) fn word(region: &Region<'_>, place: &Place<'_>) -> Option<Diagnostic> {
    if place.first == "using"
        && [place.before, place.found].contains(&"namespace")
        && let Some(start) = region.find("namespace")
    {
        let span = span(region.file, start, start + "namespace".len());
        let help = "`using` opens a module by its name alone, `using airspace;`; there is no `std`";
        return Some(
            Diagnostic::new(UNEXPECTED, span, "`namespace` means nothing here").help(help),
        );
    }
    if region.rule == Rule::bad_member
        && [place.first, place.found].contains(&"~")
        && let Some(start) = region.find("~")
    {
        let span = span(region.file, start, start + 1);
        let help =
            "objects go by themselves when nothing refers to them; `delete s;` stops a server";
        return Some(Diagnostic::new(UNEXPECTED, span, "there are no destructors").help(help));
    }
    let near = [place.first, place.before, place.found];
    let &(word, mut help) = WORDS.iter().find(|(word, _)| near.contains(word))?;
    if word == "protected" && matches!(place.first, "class" | "server") {
        help = "write `public`, or no word: what the base has, the class has, too";
    }
    let start = if place.found == word {
        place.at
    } else if place.before == word {
        place.before_end - word.len()
    } else {
        region.find(word)?
    };
    let span = span(region.file, start, start + word.len());
    Some(Diagnostic::new(UNEXPECTED, span, format!("`{word}` means nothing here")).help(help))
}

/// Something that other languages write in another way.
pub(super) fn idiom(
    region: &Region<'_>,
    place: &Place<'_>,
    expected: &Expected,
) -> Option<Diagnostic> {
    let advice =
        of_code(region, place, expected).or_else(|| of_declaration(region, place, expected));
    let (message, help) = advice?;
    let found = span(region.file, place.at, place.at + place.found.len());
    Some(Diagnostic::new(UNEXPECTED, found, message).help(help))
}

/// What is wrong, and what to write.
type Advice = Option<(&'static str, &'static str)>;

/// In statements and expressions.
fn of_code(region: &Region<'_>, place: &Place<'_>, expected: &Expected) -> Advice {
    let (rest, piece) = around(region, place);
    Some(match place.found {
        ":" if place.first == "for" && !piece.contains([';', '<']) => {
            ("the variable of a loop is declared there", EACH)
        }
        "in" if place.first == "for" => ("a loop over a collection is written with `:`", EACH),
        "[" if expected.expression() => (
            "collections have no literals",
            "declare an empty one, `list<int> c;`, and `append` to it",
        ),
        "{" if expected.expression() && matches!(place.before, "=" | "return") => (
            "collections and objects have no literals",
            "declare an empty collection and `append` to it; objects are made with `new`",
        ),
        "]" if place.before == "[" => (
            "the size of an array is missing",
            "an array is declared with its size behind the name, `int a[3];`, and a list grows: `list<int> a;`",
        ),
        found if found != "." && ends_in_a_point(piece) => (
            "a number has digits on both sides of its point",
            "write `1.0`",
        ),
        "." if expected.expression() && begins_with_a_point(rest) => (
            "a number has digits on both sides of its point",
            "write `0.5`",
        ),
        found if found.starts_with('"') && place.before.ends_with('"') => (
            "two strings side by side are not joined",
            "write `+` between them",
        ),
        "while" if place.first == "do" => (
            "the condition of a `do` ends with `;`",
            "write `do { … } while (c);`",
        ),
        ")" | ";" | "," if matches!(place.before, "(" | ">") && makes_a_collection(piece) => (
            "a collection is a value, not an object",
            "declare it, and it is there and empty: `list<int> c;`",
        ),
        "=" if rest.starts_with("=>") => (
            "there are no functions as values",
            "write a loop, or a function with a name",
        ),
        ":" if rest.starts_with(":=") => (
            "`:=` means nothing here",
            "write `=` to assign; a declaration begins with the type, `int x = 1;`",
        ),
        "(" if region.rule == Rule::bad_statement && has_body(rest) && is_name(place.before) => (
            "a function does not stand in a function",
            "write it outside of the function around it",
        ),
        "(" if region.rule == Rule::bad_statement && declares(place) => (
            "a variable gets its value behind `=`",
            "write `C x = new C (…);` for an object, `int n = 1;` for a value",
        ),
        "." if rest.starts_with("..") || place.before == "." => (
            "there are no ranges",
            "write `for (int i = 0; i < n; i++)`, or `for every i, 0 <= i < n, statement`",
        ),
        "," if place.first == "case" || piece.trim_start().starts_with("case ") => (
            "a `case` has one value",
            "write a `case` for each, `case 1: case 2: …`",
        ),
        "," if place.first == "assert" => (
            "`assert` takes a condition alone",
            "write `assert (condition);`: the message shows the condition and its place",
        ),
        "<" | ">" | "<=" | ">=" | "!=" | "==" | "++" | "--"
            if place.first == "for" && !piece.contains(';') && piece.contains(',') =>
        {
            (
                "the parts of this `for` are not separated",
                "write `;` between them: `for (int i = 0; i < n; i++)`",
            )
        }
        _ if place.first == "for"
            && piece.contains(',')
            && !piece.contains([';', '='])
            && !piece.contains("every") =>
        {
            (
                "a loop over a collection has one variable",
                "a map gives its keys: `for (string k : m)`, and `m[k]` is the value",
            )
        }
        _ => return None,
    })
}

/// In items, members and types.
fn of_declaration(region: &Region<'_>, place: &Place<'_>, expected: &Expected) -> Advice {
    let (rest, piece) = around(region, place);
    Some(match place.found {
        _ if place.before == "const" && place.first != "const" && expected.only_more_letters() => (
            "`const` has no meaning before the type of a parameter",
            "leave `const` out: values are copied, objects are referred to",
        ),
        "int" | "long" | "double" | "string" | "void" | "boolean"
            if region.rule == Rule::bad_member && matches!(place.before, "public" | "private") =>
        {
            (
                "`public:` and `private:` stand before a group of members",
                "write a colon behind the word; it counts for all members that follow",
            )
        }
        "=" if matches!(region.rule, Rule::bad_item | Rule::bad_member) && in_parameters(piece) => {
            (
                "a parameter has no default value",
                "write a second function of that name without the parameter, which calls the first",
            )
        }
        _ if place.first == "enum" && [place.before, place.found].contains(&"class") => (
            "an enumeration is no class",
            "write `enum color { red, green }`",
        ),
        "[" if rest.starts_with("[]") => (
            "the type of an array does not stand alone",
            "return and pass a `list<int>`; a variable is declared with its size, `int a[3];`",
        ),
        "," if piece.contains(") :") && region.rule == Rule::bad_member => (
            "a constructor calls the one of its base alone",
            "assign to attributes in the body: `this->x = x;`",
        ),
        _ if is_inside(region) && stands_outside(place) => (
            "this stands outside of classes and functions",
            "write it before what is around it; a module, `module m { … }`, keeps names apart",
        ),
        _ if place.before == "unsigned" => (
            "`unsigned` is a part of a type",
            "write `unsigned int`, `unsigned short` or `unsigned long`",
        ),
        _ => return None,
    })
}

/// The text from the token that does not fit on, and the piece before it.
fn around<'a>(region: &Region<'a>, place: &Place<'_>) -> (&'a str, &'a str) {
    let rest = region.text.get(place.at..).unwrap_or_default();
    let piece = region.text.get(region.start..place.at).unwrap_or_default();
    (rest, piece)
}

/// Whether a round bracket is open at the end of the head of a function.
fn in_parameters(piece: &str) -> bool {
    let count = |sign: char| piece.matches(sign).count();
    count('(') > count(')') && !piece.contains(['{', ';', '='])
}

/// Whether the piece is a part of a class or function.
fn is_inside(region: &Region<'_>) -> bool {
    matches!(region.rule, Rule::bad_member | Rule::bad_statement)
}

/// Whether the piece begins as an item does.
fn stands_outside(place: &Place<'_>) -> bool {
    let items = [
        "class", "enum", "extern", "import", "module", "typedef", "using",
    ];
    items.contains(&place.first)
}

/// `.5`
fn begins_with_a_point(rest: &str) -> bool {
    rest.strip_prefix('.')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `5.`
fn ends_in_a_point(piece: &str) -> bool {
    piece.trim_end().strip_suffix('.').is_some_and(|number| {
        let word = number
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map_or(number, |at| number.get(at + 1..).unwrap_or_default());
        word.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn is_name(word: &str) -> bool {
    let is_statement = matches!(word, "if" | "for" | "while" | "switch" | "catch" | "return");
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !is_statement
}

/// `track t (`
fn declares(place: &Place<'_>) -> bool {
    place.first != place.before && is_name(place.first) && is_name(place.before)
}

/// Whether a `{` follows the parentheses that open here.
fn has_body(rest: &str) -> bool {
    let behind = rest.split_once(')').map_or("", |(_, behind)| behind);
    behind.trim_start().starts_with('{')
}

/// Whether `new X<…> (` stands at the end.
fn makes_a_collection(piece: &str) -> bool {
    piece.rfind("new ").is_some_and(|at| {
        let made = piece.get(at..).unwrap_or_default();
        made.contains('<') && made.contains('>') && !made.contains(';')
    })
}
