//! `relation` for state that refers to objects of classes, `attribute` for any other, where the file, or
//! one that it imports, says which of the two it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ast::{Class, FieldKeyword, File, Item, ItemKind, Member, MemberKind, Type, TypeKind};

/// Classes that no file declares.
const PREDEFINED: [&str; 14] = [
    "exception",
    "arithmetic_error",
    "null_reference",
    "index_out_of_range",
    "no_such_element",
    "bad_cast",
    "assertion_failed",
    "precondition_failed",
    "postcondition_failed",
    "invariant_failed",
    "server_failed",
    "timeout_expired",
    "resource_exhausted",
    "reentrant_call",
];

/// Types of values that are no keywords.
const VALUES: [&str; 6] = ["date", "time", "timestamp", "interval", "host", "error"];

/// How many names of types may stand for one another.
const TYPEDEFS_MAX: usize = 16;

/// What names mean in a file and those that it imports; a name with two meanings is in both sets.
#[derive(Default)]
struct Names<'a> {
    classes: BTreeSet<&'a str>,
    others: BTreeSet<&'a str>,
    modules: BTreeSet<&'a str>,
    /// What names of types stand for; one that is declared twice is among the others, and the classes, too.
    typedefs: BTreeMap<&'a str, &'a Type>,
}

/// The keywords to be written instead of those in the text, by where they stand.
pub(super) fn words(tree: &File, imported: &[File]) -> BTreeMap<usize, &'static str> {
    let mut names = Names::default();
    for file in imported.iter().chain([tree]) {
        collect(&file.items, &mut names);
    }
    let mut words = BTreeMap::new();
    each_class(&tree.items, &mut |class| {
        for member in class.members.iter().flatten() {
            if let Some(word) = word(member, &names) {
                words.insert(member.span.start as usize, word);
            }
        }
    });
    words
}

fn word(member: &Member, names: &Names<'_>) -> Option<&'static str> {
    let MemberKind::Field(field) = &member.kind else {
        return None;
    };
    let is_class = refers(field.ty(), names, TYPEDEFS_MAX)?;
    match (field.keyword, is_class) {
        (FieldKeyword::Attribute, true) => Some("relation"),
        (FieldKeyword::Relation, false) if field.inverse.is_none() => Some("attribute"),
        _ => None,
    }
}

/// Whether a type refers to objects of classes, if that can be told.
fn refers(ty: &Type, names: &Names<'_>, typedefs: usize) -> Option<bool> {
    match &ty.kind {
        TypeKind::Set(element) | TypeKind::Bag(element) | TypeKind::List(element) => {
            refers(element, names, typedefs)
        }
        TypeKind::Map(_, value) => refers(value, names, typedefs),
        TypeKind::Named(path) => {
            let name = path.name.as_str();
            // A module of a file that is not imported may have anything.
            let outermost = path.qualifiers.first();
            if outermost.is_some_and(|module| !names.modules.contains(module.as_str())) {
                return None;
            }
            let class = names.classes.contains(name);
            let other = names.others.contains(name);
            match names.typedefs.get(name) {
                Some(ty) if !class && !other => refers(ty, names, typedefs.checked_sub(1)?),
                None if !class && !other && VALUES.contains(&name) => Some(false),
                None if !class && !other && PREDEFINED.contains(&name) => Some(true),
                None if class != other => Some(class),
                _ => None,
            }
        }
        TypeKind::Error | TypeKind::Void => None,
        _ => Some(false),
    }
}

fn collect<'a>(items: &'a [Arc<Item>], names: &mut Names<'a>) {
    for item in items {
        match &item.kind {
            ItemKind::Class(class) => {
                names.classes.insert(class.name.as_str());
            }
            ItemKind::Enum(values) => {
                names.others.insert(values.name.as_str());
            }
            ItemKind::Typedef(typedef) => {
                let name = typedef.name.as_str();
                if names.typedefs.insert(name, &typedef.ty).is_some() {
                    names.classes.insert(name);
                    names.others.insert(name);
                }
            }
            ItemKind::Module(module) => {
                names.modules.insert(module.name.as_str());
                collect(&module.items, names);
            }
            ItemKind::Extern(block) => collect(&block.items, names),
            _ => {}
        }
    }
}

fn each_class<'a>(items: &'a [Arc<Item>], visit: &mut impl FnMut(&'a Class)) {
    for item in items {
        match &item.kind {
            ItemKind::Class(class) => visit(class),
            ItemKind::Module(module) => each_class(&module.items, visit),
            ItemKind::Extern(block) => each_class(&block.items, visit),
            _ => {}
        }
    }
}
