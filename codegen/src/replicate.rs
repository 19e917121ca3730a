//! From objects to servers: `new C` becomes `server C …` in the source, which keeps its layout and comments.
//!
//! Works on a program that is known to be right; whether it still is one afterwards is for the next check to say.

use std::collections::{BTreeMap, BTreeSet};

use cmsl_parser::ast::{Item, ItemKind};
use cmsl_parser::{FileId, Span};

use crate::ir::{Block, CallTarget, ClassId, ClassKind, Expr, ExprKind, Program};
use crate::load::Loaded;

/// What is to become of which objects.
#[derive(Clone, Debug)]
pub struct Replication {
    /// The class, with its modules if other modules have one of that name too.
    pub class: String,
    /// The properties as they are written behind the class.
    pub properties: String,
    /// Only creations on this line of the root file; all if there is none.
    pub line: Option<u32>,
}

/// Why nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No class has the name; perhaps this one was meant.
    UnknownClass(Option<String>),
    /// Several classes have the name.
    Ambiguous(Vec<String>),
    /// The class cannot be one of servers.
    NoServer,
    /// No `new` makes an object of the class there.
    NoCreation,
}

/// A file after the change.
#[derive(Clone, Debug)]
pub struct Edited {
    /// Which one.
    pub file: FileId,
    /// Its text.
    pub text: String,
    /// The creations in it, as they were.
    pub creations: Vec<Span>,
}

/// The texts of the files that change.
///
/// # Errors
/// [`Refusal`] if there is nothing to change.
pub fn replicate(
    loaded: &Loaded,
    program: &Program,
    request: &Replication,
) -> Result<Vec<Edited>, Refusal> {
    let class = class_named(program, &request.class)?;
    let kind = program.class(class).kind;
    if !matches!(kind, ClassKind::Ordinary | ClassKind::Server) {
        return Err(Refusal::NoServer);
    }
    let root = loaded.files.last().map(|file| file.file);
    let wanted = |span: &Span| {
        request.line.is_none_or(|line| {
            Some(span.file) == root && loaded.sources.position(*span).line == line
        })
    };
    let creations: BTreeSet<Span> = creations(program, class)
        .into_iter()
        .filter(wanted)
        .collect();
    if creations.is_empty() {
        return Err(Refusal::NoCreation);
    }
    // Insertions and removals by file and offset, later ones first.
    let mut edits: BTreeMap<FileId, Vec<(usize, usize, String)>> = BTreeMap::new();
    for span in &creations {
        let of_file = edits.entry(span.file).or_default();
        let range = span.range();
        of_file.push((range.start, range.start + "new".len(), "server".to_owned()));
        of_file.push((range.end, range.end, format!(" {}", request.properties)));
    }
    if kind == ClassKind::Ordinary {
        for file in &loaded.files {
            let mut places = Vec::new();
            declarations(&file.items, program.class(class).span, &mut places);
            for span in places {
                let at = span.range().start;
                let of_file = edits.entry(span.file).or_default();
                of_file.push((at, at, "server ".to_owned()));
            }
        }
    }
    let edited = edits.into_iter().map(|(file, mut edits)| {
        edits.sort();
        let mut text = loaded.sources.source(file).text().to_owned();
        for (start, end, new) in edits.into_iter().rev() {
            text.replace_range(start..end, &new);
        }
        let creations = creations
            .iter()
            .copied()
            .filter(|span| span.file == file)
            .collect();
        Edited {
            file,
            text,
            creations,
        }
    });
    Ok(edited.collect())
}

fn class_named(program: &Program, name: &str) -> Result<ClassId, Refusal> {
    let names: Vec<(ClassId, String)> = (0..program.classes.len())
        .map(ClassId::at)
        .filter(|&id| !matches!(program.class(id).kind, ClassKind::Predefined(_)))
        .map(|id| {
            let class = program.class(id);
            (id, program.qualified(&class.name, class.module))
        })
        .collect();
    let fits = |full: &str| full == name || full.ends_with(&format!("::{name}"));
    let exact = names.iter().find(|(_, full)| full == name);
    let found: Vec<&(ClassId, String)> = match exact {
        Some(exact) => vec![exact],
        None => names.iter().filter(|(_, full)| fits(full)).collect(),
    };
    match found.as_slice() {
        [(id, _)] => Ok(*id),
        [] => {
            let all = names.iter().map(|(_, full)| full.as_str());
            let nearest = cmsl_parser::diagnostic::nearest(name, all);
            Err(Refusal::UnknownClass(nearest.map(str::to_owned)))
        }
        several => Err(Refusal::Ambiguous(
            several.iter().map(|(_, full)| full.clone()).collect(),
        )),
    }
}

/// Where `new` makes objects of the class.
fn creations(program: &Program, class: ClassId) -> Vec<Span> {
    let mut found = Vec::new();
    let mut note = |expr: &Expr| {
        if let ExprKind::New { constructor, .. } = expr.kind
            && program.constructor(constructor).class == class
        {
            found.push(expr.span);
        }
    };
    let functions = (0..program.functions.len()).map(crate::ir::FunctionId::at);
    let methods = (0..program.methods.len()).map(crate::ir::MethodId::at);
    let constructors = (0..program.constructors.len()).map(crate::ir::ConstructorId::at);
    let all = functions
        .map(CallTarget::Function)
        .chain(methods.map(CallTarget::Method))
        .chain(constructors.map(CallTarget::Constructor));
    for target in all {
        in_block(&program.body_of(target).block, &mut note);
        program
            .conditions_of(target)
            .for_each(|expr| expr.each(&mut note));
    }
    for global in &program.globals {
        if let Some(init) = &global.init {
            init.each(&mut note);
        }
    }
    found
}

fn in_block(block: &Block, note: &mut dyn FnMut(&Expr)) {
    block.each_stmt(&mut |stmt| stmt.expressions(&mut |expr| expr.each(note)));
}

/// The class's declaration, and those that only announce it in the same scope.
fn declarations(items: &[std::sync::Arc<Item>], name: Span, found: &mut Vec<Span>) {
    let is_defined_here = items
        .iter()
        .any(|item| matches!(&item.kind, ItemKind::Class(class) if class.name.span == name));
    for item in items {
        match &item.kind {
            ItemKind::Module(module) => declarations(&module.items, name, found),
            ItemKind::Class(class) if class.server.is_none() => {
                let announces = is_defined_here
                    && class.members.is_none()
                    && items.iter().any(|other| {
                        matches!(&other.kind, ItemKind::Class(defined)
                            if defined.name.span == name
                                && defined.name.as_str() == class.name.as_str())
                    });
                if class.name.span == name || announces {
                    found.push(item.span);
                }
            }
            _ => {}
        }
    }
}
