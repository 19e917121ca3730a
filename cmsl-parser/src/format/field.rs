//! `relation` for state that refers to objects of classes, `attribute` for any other, where the file
//! itself says which of the two it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ast::{Class, FieldKeyword, File, Item, ItemKind, Member, MemberKind, Type, TypeKind};

/// What names mean in a file; a name with two meanings is in both sets.
#[derive(Default)]
struct Names<'a> {
    classes: BTreeSet<&'a str>,
    others: BTreeSet<&'a str>,
}

/// The keywords to be written instead of those in the text, by where they stand.
pub(super) fn words(tree: &File) -> BTreeMap<usize, &'static str> {
    let mut names = Names::default();
    collect(&tree.items, &mut names);
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
    let is_class = refers(field.ty(), names)?;
    match (field.keyword, is_class) {
        (FieldKeyword::Attribute, true) => Some("relation"),
        (FieldKeyword::Relation, false) if field.inverse.is_none() => Some("attribute"),
        _ => None,
    }
}

/// Whether a type refers to objects of classes, if that can be told.
fn refers(ty: &Type, names: &Names<'_>) -> Option<bool> {
    match &ty.kind {
        TypeKind::Set(element) | TypeKind::Bag(element) | TypeKind::List(element) => {
            refers(element, names)
        }
        TypeKind::Map(_, value) => refers(value, names),
        TypeKind::Named(path) => {
            let name = path.single()?.as_str();
            let class = names.classes.contains(name);
            let other = names.others.contains(name);
            (class != other).then_some(class)
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
            // What it stands for may be a class.
            ItemKind::Typedef(typedef) => {
                names.classes.insert(typedef.name.as_str());
                names.others.insert(typedef.name.as_str());
            }
            ItemKind::Module(module) => collect(&module.items, names),
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
