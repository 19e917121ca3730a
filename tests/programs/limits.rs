//! What is accepted compiles as Rust: whatever a name is, wherever a name may stand, and however deep something nests.
//!
//! These programs are built and one of each kind is run; what they compute matters less than that Rust takes them.

use cmsl_tests::programs::{self, Bundle, Case};
use std::fmt::Write as _;
use std::path::Path;

/// Words of Rust and of printed code, and words that CMSL itself knows in their places.
const WORDS: &str = "abstract as async await become box crate dyn final fn gen impl in let loop macro match mod move mut \
    override priv pub ref self Self static struct super trait type typeof union unsafe unsized use virtual where yield \
    find model protocol replicas tolerance tolerate hosts disjoint priority name durable every timeout pre post inverse \
    result println print format now host date time timestamp interval error ok std core alloc Some None Ok Err Box Vec \
    String Option Result main args Context cx object index entry value raised whole external client kernel";

/// Words that are types or functions already: here they are variables and members only.
const TYPES: &str = "list set bag map future exception length";

/// Names of what is no type.
const VALUES: &str = r#"
    module in_method { class c { public: int W (int W) { return W; } } int use_it () { c x = new c; return x->W (1); } }
    module in_attribute { class c { public: attribute int W = 2; } int use_it () { c x = new c; x->W += 1; return x->W; } }
    module in_relation {
        class c { public: relation d W inverse d::W; }
        class d { public: relation c W inverse c::W; }
        int use_it () { c x = new c; x->W = new d; return x->W->W == x ? 1 : 2; }
    }
    module in_variant {
        enum e { W, other }
        int use_it () { e x = e::W; switch (x) { case e::W: return 1; default: return 2; } }
    }
    module in_constant { const int W = 3; int use_it () { return W; } }
    module in_variable { int W = 3; int use_it () { W++; return W; } }
    module in_caught {
        int use_it () { try { throw new exception ("1"); } catch (exception W) { return W->message == "1" ? 1 : 2; } }
    }
    module in_local { int use_it () { int W = 1; W = W + 1; return W; } }
    module in_loop {
        int use_it () {
            int s = 0;
            list<int> l;
            l.append (2);
            for (int W = 0; W < 3; W++) { s += W; }
            for every W, 0 <= W < 2, { s += W; }
            for (int W : l) { s += W; }
            return s;
        }
    }
    module in_server {
        server class SERVER { public: attribute int W; int m (int W) { this->W = W; return this->W; } }
        int use_it () {
            SERVER s = server SERVER name ("W") replicas (1);
            future<int> W = invoke s->m (2);
            accept (W, 1);
            return W->result;
        }
    }
"#;

/// Names of types, modules and functions.
const ITEMS: &str = r#"
    module in_class {
        class W { public: attribute int a; W () { a = 1; } }
        int use_it () { W x = new W; W y = new W (); return x->a + y->a; }
    }
    module in_enum {
        enum W { one, two }
        int use_it () { W x = W::two; switch (x) { case W::one: return 1; default: return 2; } }
    }
    module in_typedef { typedef list<int> W; int use_it () { W x; x.append (1); return length (x); } }
    module in_function {
        int W (int a) { return a; }
        int use_it () { return in_function::W (3) + W (1); }
        int hidden () { int W = 1; return W (W); }
    }
    module W { int use_it () { return 1; } }
    module in_exception {
        class W : public exception { }
        int use_it () { try { throw new W; } catch (W e) { return 1; } }
    }
"#;

/// A part that nests: what is before it, what is repeated, the middle, what is repeated behind, and how often.
const NESTED: &[(&str, &str, &str, &str, usize)] = &[
    ("int f (int x) { return ", "(", "x", " + 1)", 250),
    ("int f (list<int> x) { return ", "x[", "1", "]", 250),
    (
        "int g (int x) { return x; } int f (int x) { return ",
        "g (",
        "x",
        ")",
        250,
    ),
    ("int f (int x) { return ", "x > 1 ? ", "1", " : 2", 250),
    ("int f (int x) { return ", "x > 1 ? 3 : ", "1", "", 250),
    ("int f (int x) { return ", "- ", "x", "", 250),
    ("int f (int x) { return ", "(int) (long) ", "x", "", 120),
    (
        "class c { public: c m () { return this; } } c f (c x) { return ",
        "",
        "x",
        "->m ()",
        500,
    ),
    (
        "class c { public: relation c m; } c f (c x) { return ",
        "",
        "x",
        "->m",
        500,
    ),
    ("class c { } c f (c x) { return ", "", "x", "[0]", 500),
    ("string f (string x) { return ", "", "x", ".upper ()", 500),
    (
        "server class s { public: s m () { return this; } } s f (s x) { return ",
        "",
        "x",
        "->m ()",
        500,
    ),
    ("int f (int x) { ", "{", "x = 1;", "}", 250),
    ("int f (int x) { ", "if (x > 1) ", "x = 1;", "", 250),
    (
        "int f (int x) { ",
        "if (x > 1) { x = 3; } else { ",
        "x = 1;",
        "}",
        250,
    ),
    ("int f (int x) { ", "while (x > 1) { ", "x = 1;", "}", 250),
    (
        "int f (int x) { ",
        "do { ",
        "x = 1;",
        "} while (x > 1);",
        250,
    ),
    (
        "int f (int x) { ",
        "for (int i = 0; i < 1; i++) { ",
        "x = 1;",
        "}",
        250,
    ),
    (
        "int f (int x) { ",
        "for every i, 0 <= i < 2, { ",
        "x = 1;",
        "}",
        250,
    ),
    (
        "int f (int x) { ",
        "switch (x) { case 1: ",
        "x = 1;",
        "}",
        250,
    ),
    (
        "int f (int x) { ",
        "switch (x) { case 1: x = 2; case 2: ",
        "x = 1;",
        "}",
        250,
    ),
    (
        "void g () { } int f (int x) { ",
        "try { ",
        "g ();",
        "} catch (...) { }",
        250,
    ),
    (
        "void g () { } int f (int x) { ",
        "try { g (); } catch (...) { ",
        "g ();",
        "}",
        250,
    ),
];

#[test]
fn words_of_rust_are_names_and_what_nests_compiles() {
    let cases = || {
        let of = |name: &str, text: String, output: &str| {
            let path = Path::new("limits.cmsl");
            Case::of_text(name.to_owned(), path, &text, output.to_owned())
        };
        vec![of("names", names(), "6\n"), of("nested", nested(), "1\n")]
    };
    // As the command compiles: what nests deeply is walked by recursion.
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let cases = thread.spawn(cases).unwrap().join().unwrap();
    let bundle = Bundle::new("limits".to_owned(), cases);
    programs::build("limits-in-one", std::slice::from_ref(&bundle));
    let report = crate::differences_alone(&bundle);
    assert!(report.is_empty(), "{report}");
}

fn names() -> String {
    let mut text = String::new();
    let with = |number: usize, word: &str, template: &str| {
        let named = template.replace("SERVER", &format!("server_{number}"));
        let parts: Vec<&str> = named.split("W").collect();
        format!("module m_{number} {{ {} }}\n", parts.join(word))
    };
    for (number, word) in WORDS.split_whitespace().enumerate() {
        text += &with(number, word, &format!("{VALUES}{ITEMS}"));
    }
    for (number, word) in TYPES.split_whitespace().enumerate() {
        text += &with(1_000 + number, word, VALUES);
    }
    text += "void main () { println (\"{}\", m_1::in_class::use_it () + m_2::in_function::use_it ()); }\n";
    text
}

fn nested() -> String {
    let mut text = String::new();
    for (number, (before, open, middle, close, times)) in NESTED.iter().enumerate() {
        let (open, close) = (open.repeat(*times), close.repeat(*times));
        let end = if before.ends_with("return ") {
            "; }"
        } else {
            " return 1; }"
        };
        let _ = writeln!(
            text,
            "module m_{number} {{ {before}{open}{middle}{close}{end} }}"
        );
    }
    let (open, close) = ("map<int, ".repeat(120), ">".repeat(120));
    let deep = format!("{open}int{close}");
    let _ = writeln!(
        text,
        "module deep {{ server class holder {{ attribute {deep} x; public: {deep} m ({deep} a) {{ x = a; return x; }} }} }}"
    );
    text += "void main () { println (\"{}\", m_12::f (1)); }\n";
    text
}
