//! Hostile and unfinished texts: never a panic, never an overflow of the stack, always a message.

use std::fmt::Write as _;

use super::parse;
use crate::ast::{
    BinaryOp, CommentKind, Expr, ExprKind, File, ItemKind, Literal, MemberKind, NESTING_MAX,
    PropertyKind, Stmt, StmtKind, TypeKind,
};
use crate::diagnostic::{NOT_TEXT, TOO_DEEP};
use crate::{Diagnostic, SOURCE_BYTES_MAX, Sources};

const PROGRAM: &str = include_str!("../../../tests/compiler/cases/ok/statements.cmsl");
const CLASSES: &str = include_str!("../../../tests/compiler/cases/ok/classes.cmsl");

fn parsed(text: impl Into<Vec<u8>>) -> (File, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("test.cmsl", text);
    let (tree, diagnostics) = parse(&sources, file);
    for diagnostic in &diagnostics {
        let text = sources.source(file).text();
        assert!(
            text.get(diagnostic.span.range()).is_some(),
            "{diagnostic} outside of the text"
        );
        assert!(diagnostic.help.is_some(), "{diagnostic} has no help");
    }
    (tree, diagnostics)
}

fn valid(text: &str) -> File {
    let (tree, diagnostics) = parsed(text);
    assert!(diagnostics.is_empty(), "{text}: {}", diagnostics[0]);
    tree
}

/// The statements of a function's body.
fn body(statements: &str) -> Vec<Stmt> {
    let tree = valid(&format!("void f () {{ {statements} }}"));
    match tree.items[0].kind.clone() {
        ItemKind::Function(function) => function.body.unwrap().statements,
        other => panic!("{other:?}"),
    }
}

/// An expression with all its parentheses.
fn tree(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(Literal::Integer(value)) => value.to_string(),
        ExprKind::Path(path) => path.to_string(),
        ExprKind::Unary(op, operand) => format!("({}{})", op.symbol(), tree(operand)),
        ExprKind::Binary {
            op, left, right, ..
        } => {
            format!("({} {} {})", tree(left), op.symbol(), tree(right))
        }
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => {
            format!(
                "({} ? {} : {})",
                tree(condition),
                tree(then),
                tree(otherwise)
            )
        }
        ExprKind::Cast { operand, .. } => format!("(cast {})", tree(operand)),
        ExprKind::Step { operand, .. } => format!("(step {})", tree(operand)),
        ExprKind::Index { object, index } => format!("{}[{}]", tree(object), tree(index)),
        ExprKind::Field { object, field, .. } => format!("{}.{field}", tree(object)),
        ExprKind::Invoke(call) => format!("(invoke {})", tree(call)),
        ExprKind::MethodCall { object, method, .. } => format!("{}.{method}()", tree(object)),
        other => format!("{other:?}"),
    }
}

fn expression(text: &str) -> String {
    match body(&format!("x = {text};")).remove(0).kind {
        StmtKind::Assign { value, .. } => tree(&value),
        other => panic!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_in_cpp() {
    assert_eq!(expression("a + b * c - d"), "((a + (b * c)) - d)");
    assert_eq!(
        expression("a || b && c | d ^ e & f == g"),
        "(a || (b && (c | (d ^ (e & (f == g))))))"
    );
    assert_eq!(expression("a << 1 < b >> 2"), "((a << 1) < (b >> 2))");
    assert_eq!(expression("a ? b : c ? d : e"), "(a ? b : (c ? d : e))");
    assert_eq!(expression("a ? b ? 1 : 2 : 3"), "(a ? (b ? 1 : 2) : 3)");
    assert_eq!(expression("-a->b[1]"), "(-a.b[1])");
    assert_eq!(
        expression("(int) a + (t) b - (c) - d"),
        "((((cast a) + (cast b)) - c) - d)"
    );
    assert_eq!(expression("invoke s[2]->m ()"), "(invoke s[2].m())");
    assert_eq!(expression("a+++b"), "((step a) + b)");
}

#[test]
fn blanks_and_comments_part_tokens_as_they_stand() {
    for (text, expected) in [
        ("a + +b", "(a + (+b))"),
        ("a - - -b", "(a - (-(-b)))"),
        ("a+/**/+b", "(a + (+b))"),
        ("a++ + b", "((step a) + b)"),
        ("a-- > b", "((step a) > b)"),
        ("! !a", "(!(!a))"),
        ("- --a", "(-(step a))"),
        ("a . b\t-> // c\n c", "a.b.c"),
        ("a /**/ :: /* b */ c", "a::c"),
        ("a ? b :-c", "(a ? b : (-c))"),
    ] {
        assert_eq!(expression(text), expected, "{text}");
    }
    valid("list<list<list<int> > > x; unsigned // how\n /**/ int y;");
    for text in [
        "1. 5",
        "a = = b",
        "a & & b",
        "a : : b",
        "a - > b",
        "a < < b",
        "re turn 1",
        "1 2",
    ] {
        let (_, diagnostics) = parsed(format!("void f () {{ x = {text}; }}"));
        assert_eq!(diagnostics.len(), 1, "{text}");
    }
}

#[test]
fn a_name_may_be_a_word_that_is_a_keyword_elsewhere() {
    let statements = body(
        "int replicas = 1, name = 2, model = 3, timeout = 4, every = 5, inverse = 6, pre = 7, find = 8;
         m.set (find, list); format (acceptable); returned = done; newer = classes;",
    );
    assert_eq!(statements.len(), 5);
}

#[test]
fn properties_stand_in_any_order() {
    let statements =
        body("s = server c (1) [2] model crash durable tolerate (1) hosts (a, b) name (\"x\");");
    let StmtKind::Assign { value, .. } = &statements[0].kind else {
        panic!()
    };
    let ExprKind::Server(server) = &value.kind else {
        panic!()
    };
    assert!(server.size.is_some());
    let names: Vec<&str> = server
        .properties
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    assert_eq!(names, ["model", "durable", "tolerate", "hosts", "name"]);
    assert!(matches!(
        server.properties[1].kind,
        PropertyKind::Durable(None)
    ));
}

#[test]
fn accept_with_a_block_needs_no_semicolon() {
    let statements =
        body("accept (f, 1) timeout (1) { a (); } accept (f, 1) timeout (1) { }; x = 1;");
    let blocks = statements
        .iter()
        .filter(|statement| matches!(statement.kind, StmtKind::Expr(_)));
    assert_eq!(blocks.count(), 2);
}

#[test]
fn doc_comments_belong_to_what_follows_and_all_comments_are_kept() {
    let tree = valid(
        "/// One.\n///   Two.\nclass a {\r\n  /// Of b.\r\n  attribute int b; // tail\n /* c */ }\n\n//// rule\nint x;",
    );
    assert_eq!(tree.items[0].doc.as_ref().unwrap().text, "One.\n  Two.");
    let ItemKind::Class(class) = &tree.items[0].kind else {
        panic!()
    };
    assert_eq!(
        class.members.as_ref().unwrap()[0]
            .doc
            .as_ref()
            .unwrap()
            .text,
        "Of b."
    );
    assert!(tree.items[1].doc.is_none());
    let kinds: Vec<CommentKind> = tree.comments.iter().map(|comment| comment.kind).collect();
    use CommentKind::{Block, Doc, Line};
    assert_eq!(kinds, [Doc, Doc, Doc, Line, Block, Line]);
}

#[test]
fn spans_end_with_the_last_token() {
    let text = "int f () { return a + b /* c */ ; }   // tail\nint x; class c { }  \n";
    let mut sources = Sources::new();
    let file = sources.add("test.cmsl", text);
    let (tree, _) = parse(&sources, file);
    assert_eq!(
        sources.slice(tree.items[0].span),
        "int f () { return a + b /* c */ ; }"
    );
    assert_eq!(sources.slice(tree.items[2].span), "class c { }");
    let ItemKind::Function(function) = &tree.items[0].kind else {
        panic!()
    };
    assert_eq!(sources.slice(function.head), "int f ()");
    let StmtKind::Return(Some(value)) = &function.body.as_ref().unwrap().statements[0].kind else {
        panic!()
    };
    assert_eq!(sources.slice(value.span), "a + b");
    assert!(matches!(
        value.kind,
        ExprKind::Binary {
            op: BinaryOp::Add,
            ..
        }
    ));
}

#[test]
fn a_byte_order_mark_and_crlf_are_accepted() {
    let text = format!("\u{feff}{}", PROGRAM.replace('\n', "\r\n"));
    assert!(parsed(text).1.is_empty());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for bytes in [
        b"int x;\xff".to_vec(),
        b"int\0x;".to_vec(),
        vec![b' '; SOURCE_BYTES_MAX + 1],
    ] {
        let (_, diagnostics) = parsed(bytes);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].code, NOT_TEXT);
    }
}

/// The programs item by item: what is quadratic in the length stays quick.
fn parts() -> impl Iterator<Item = &'static str> {
    PROGRAM.split("\n\n").chain(CLASSES.split("\n\n"))
}

#[test]
fn no_prefix_of_a_program_makes_the_parser_panic() {
    for program in parts() {
        for end in 0..program.len() {
            let (_, diagnostics) = parsed(&program.as_bytes()[..end]);
            assert!(diagnostics.len() < 8, "{end}: {diagnostics:#?}");
        }
    }
}

#[test]
fn a_program_without_one_of_its_characters_gives_few_messages() {
    for program in parts() {
        for at in (0..program.len()).filter(|at| !program.as_bytes()[*at].is_ascii_whitespace()) {
            let mut bytes = program.as_bytes().to_vec();
            bytes.remove(at);
            let (_, diagnostics) = parsed(bytes);
            assert!(diagnostics.len() < 8, "without byte {at}: {diagnostics:#?}");
        }
    }
}

/// A production that nests: what is repeated before, the middle, what is repeated behind.
const PRODUCTIONS: [(&str, &str, &str, &str, &str); 27] = [
    ("void f () { x = ", "(", "1", ")", "; }"),
    ("void f () { x = ", "a[", "1", "]", "; }"),
    ("void f () { x = ", "g (", "1", ")", "; }"),
    ("void f () { x = ", "new c (", "1", ")", "; }"),
    (
        "void f () { x = ",
        "server c (",
        "1",
        ") replicas (1)",
        "; }",
    ),
    ("void f () { x = ", "server c replicas (", "1", ")", "; }"),
    (
        "void f () { x = ",
        "accept (f, 1) timeout (",
        "1",
        ")",
        "; }",
    ),
    (
        "void f () { ",
        "accept (f, 1) timeout (1) { ",
        "g ();",
        "}",
        " }",
    ),
    ("void f () { x = ", "a ? ", "1", " : 2", "; }"),
    ("void f () { x = ", "a ? b : ", "1", "", "; }"),
    ("void f () { x = ", "- ", "1", "", "; }"),
    ("void f () { x = ", "(int) ", "1", "", "; }"),
    ("void f () { x = ", "invoke ", "a->b ()", "", "; }"),
    ("void f () { x = ", "a->b ().", "c", "", "; }"),
    ("void f () { x = ", "1 + ", "1", "", "; }"),
    ("void f () { ", "{", ";", "}", " }"),
    ("void f () { ", "if (a) ", ";", "", " }"),
    ("void f () { ", "if (a) ; else if (a) ", ";", "", " }"),
    ("void f () { ", "if (a) ; else while (b) ", ";", "", " }"),
    ("void f () { ", "while (a) { ", ";", "}", " }"),
    ("void f () { ", "do ", ";", " while (a);", " }"),
    ("void f () { ", "for every i, 0 <= i < 9, ", ";", "", " }"),
    ("void f () { ", "for (;;) ", ";", "", " }"),
    ("void f () { ", "switch (a) { case 1: ", ";", "}", " }"),
    ("void f () { ", "try { ", ";", "} catch (...) { }", " }"),
    ("", "list<", "int", ">", " x;"),
    ("", "module a { ", "int x;", "}", ""),
];

fn nested(production: (&str, &str, &str, &str, &str), depth: usize) -> String {
    let (start, open, middle, close, end) = production;
    let mut text = String::from(start);
    text.push_str(&open.repeat(depth));
    text.push_str(middle);
    text.push_str(&close.repeat(depth));
    let _ = write!(text, "{end}");
    text
}

#[test]
fn every_production_nests_a_hundred_deep() {
    for production in PRODUCTIONS {
        let text = nested(production, 100);
        let (_, diagnostics) = parsed(&*text);
        let invoke = production.1 == "invoke ";
        assert_eq!(
            diagnostics.is_empty(),
            !invoke,
            "{}: {diagnostics:?}",
            production.1
        );
    }
}

#[test]
fn no_production_nests_without_bound() {
    for production in PRODUCTIONS {
        // Chains are not nested, however long they are.
        let chain = production.1.contains("else if") || production.1 == "1 + ";
        for depth in [NESTING_MAX + 1, 3_000, 20_000] {
            let (_, diagnostics) = parsed(nested(production, depth));
            let refused = diagnostics
                .iter()
                .any(|diagnostic| diagnostic.code == TOO_DEEP);
            let chains = ["a->b ().", "a ? b : "].contains(&production.1) && depth < 600;
            assert!(
                refused || chain || chains,
                "{} at {depth}: {diagnostics:?}",
                production.1
            );
        }
    }
}

#[test]
fn productions_that_do_not_end_take_linear_time() {
    for production in PRODUCTIONS {
        let mut text = nested((production.0, production.1, "", "", ""), 60);
        parsed(&*text);
        text.push_str(" = = }");
        parsed(text);
    }
}

#[test]
fn many_terms_are_a_flat_chain() {
    for links in [" + 1", " * 2 - 3 * 4", " + (1 + 2)"] {
        let text = format!("int x = 1{} == (1{0});", links.repeat(100_000));
        let (file, diagnostics) = parsed(text);
        assert!(diagnostics.is_empty(), "{links}: {diagnostics:?}");
        drop(file);
    }
    let (_, diagnostics) = parsed(format!("int x = {};", "9".repeat(100_000)));
    assert_eq!(diagnostics.len(), 1);
}

#[test]
fn messages_about_one_file_are_bounded() {
    for line in [
        "x = = 1;\n",
        "@\n",
        "\"\n",
        "(;",
        "}",
        "class ",
        "int x = 'ab';",
    ] {
        let (_, diagnostics) = parsed(line.repeat(500));
        assert!(
            (1..=super::DIAGNOSTICS_MAX).contains(&diagnostics.len()),
            "{line}"
        );
    }
    assert_eq!(parsed("@".repeat(100_000)).1.len(), 1);
}

#[test]
fn five_hundred_terms_are_not_too_many() {
    valid(&format!("string s = \"a\"{};", " + \"b\"".repeat(500)));
}

#[test]
fn members_keep_the_access_that_was_stated_before_them() {
    let tree = valid("class c { int a (); public: c (); private: invariant (a ()); }");
    let ItemKind::Class(class) = &tree.items[0].kind else {
        panic!()
    };
    let members = class.members.as_ref().unwrap();
    use crate::ast::Access::{Private, Public};
    assert_eq!(
        [members[0].access, members[1].access, members[2].access],
        [Private, Public, Private]
    );
    assert!(matches!(members[1].kind, MemberKind::Constructor(_)));
}

#[test]
fn unsigned_types_may_be_spread_over_lines() {
    let tree = valid("unsigned\n  long x; map<string, list<future<int>>> y;");
    let ItemKind::Variables(variables) = &tree.items[0].kind else {
        panic!()
    };
    assert!(matches!(variables.ty.kind, TypeKind::UnsignedLong));
}
