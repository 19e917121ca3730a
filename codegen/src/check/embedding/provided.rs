//! What Rust files provide, as far as their text tells.

use std::collections::{BTreeMap, BTreeSet};
use syn::{ImplItem, Item, UseTree, Visibility};

use super::RustFile;

/// How far a name is followed from one `pub use` to another.
const USES_MAX: u32 = 16;

/// A function as it is declared.
pub(super) struct Function {
    pub signature: syn::Signature,
    pub is_public: bool,
}

/// The way to a module, from the root of the files.
type ModulePath = Vec<String>;

/// What stands in one module.
#[derive(Default)]
struct Module {
    functions: BTreeMap<String, Function>,
    classes: BTreeSet<String>,
    /// Inherent functions, and those of traits, by class and name.
    methods: BTreeMap<(String, String), Function>,
    /// What it makes known of other modules: the name here, and the way there.
    uses: BTreeMap<String, Vec<String>>,
    /// Modules of which it makes known everything.
    globs: Vec<Vec<String>>,
}

/// The items of files that `extern` declarations may mean.
pub(super) struct Provided {
    modules: BTreeMap<ModulePath, Module>,
    /// Nothing comes from macros or by `pub use`.
    pub is_whole: bool,
    /// There are modules in files of their own, which may add to its classes.
    pub has_other_files: bool,
}

impl Provided {
    /// Reads files, the first of which is the root; nothing if that is no Rust.
    pub(super) fn of(files: &[RustFile]) -> Option<Provided> {
        let mut provided = Provided {
            modules: BTreeMap::new(),
            is_whole: true,
            has_other_files: false,
        };
        for (number, file) in files.iter().enumerate() {
            match syn::parse_file(&file.text) {
                Ok(parsed) => provided.take_all(parsed.items, &file.module()),
                Err(_) if number == 0 => return None,
                // rustc says it.
                Err(_) => {}
            }
        }
        Some(provided)
    }

    /// The function that the root has under this name.
    pub(super) fn function(&self, name: &str) -> Option<&Function> {
        let (module, name) = self.resolve(&[], name, 0)?;
        self.modules.get(&module)?.functions.get(&name)
    }

    /// Whether the root has a class of this name.
    pub(super) fn has_class(&self, name: &str) -> bool {
        self.class(name).is_some()
    }

    /// A function of a class that the root has.
    pub(super) fn method(&self, class: &str, name: &str) -> Option<&Function> {
        let (module, class) = self.class(class)?;
        let key = (class, name.to_owned());
        let beside = self.modules.get(&module)?.methods.get(&key);
        beside.or_else(|| self.modules.values().find_map(|m| m.methods.get(&key)))
    }

    fn class(&self, name: &str) -> Option<(ModulePath, String)> {
        let (module, name) = self.resolve(&[], name, 0)?;
        let is_class = self.modules.get(&module)?.classes.contains(&name);
        is_class.then_some((module, name))
    }

    /// Where what a module has under a name is declared, and under which name.
    fn resolve(&self, here: &[String], name: &str, uses: u32) -> Option<(ModulePath, String)> {
        if uses > USES_MAX {
            return None;
        }
        let module = self.modules.get(here)?;
        if module.functions.contains_key(name) || module.classes.contains(name) {
            return Some((here.to_vec(), name.to_owned()));
        }
        if let Some(path) = module.uses.get(name) {
            let (last, way) = path.split_last()?;
            return self.resolve(&absolute(here, way), last, uses + 1);
        }
        let mut globs = module.globs.iter();
        globs.find_map(|way| self.resolve(&absolute(here, way), name, uses + 1))
    }

    fn take_all(&mut self, items: Vec<Item>, path: &ModulePath) {
        self.modules.entry(path.clone()).or_default();
        for item in items {
            self.take(item, path);
        }
    }

    fn take(&mut self, item: Item, path: &ModulePath) {
        let is_root = path.is_empty();
        let Some(module) = self.modules.get_mut(path) else {
            return;
        };
        match item {
            Item::Fn(function) => {
                let name = function.sig.ident.to_string();
                let function = Function {
                    is_public: is_public(&function.vis),
                    signature: function.sig,
                };
                module.functions.insert(name, function);
            }
            Item::Struct(item) => module.take_class(&item.ident),
            Item::Enum(item) => module.take_class(&item.ident),
            Item::Union(item) => module.take_class(&item.ident),
            Item::Type(item) => {
                // The functions are those of another type.
                self.is_whole &= !is_root;
                module.take_class(&item.ident);
            }
            Item::Impl(item) => {
                let is_whole = module.take_implementation(item);
                self.is_whole &= is_whole;
            }
            Item::Mod(item) => match item.content {
                Some((_, items)) => {
                    let inside = [path.as_slice(), &[item.ident.to_string()]].concat();
                    self.take_all(items, &inside);
                }
                None => self.has_other_files |= is_root,
            },
            Item::Use(item) => {
                let is_private = matches!(item.vis, Visibility::Inherited);
                self.is_whole &= is_private || !is_root;
                module.take_use(&item.tree, &mut Vec::new());
            }
            Item::Macro(_) | Item::Verbatim(_) if is_root => self.is_whole = false,
            _ => {}
        }
    }
}

impl Module {
    fn take_class(&mut self, name: &syn::Ident) {
        self.classes.insert(name.to_string());
    }

    fn take_use(&mut self, tree: &UseTree, way: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                way.push(path.ident.to_string());
                self.take_use(&path.tree, way);
                way.pop();
            }
            UseTree::Name(name) => self.know(&name.ident, &name.ident, way),
            UseTree::Rename(renamed) => self.know(&renamed.rename, &renamed.ident, way),
            UseTree::Glob(_) => self.globs.push(way.clone()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.take_use(tree, way);
                }
            }
        }
    }

    fn know(&mut self, here: &syn::Ident, there: &syn::Ident, way: &[String]) {
        let path = [way, &[there.to_string()]].concat();
        self.uses.insert(here.to_string(), path);
    }

    /// Whether all of it is there to be read.
    fn take_implementation(&mut self, item: syn::ItemImpl) -> bool {
        let syn::Type::Path(path) = &*item.self_ty else {
            return true;
        };
        let Some(class) = path.path.segments.last() else {
            return true;
        };
        let class = class.ident.to_string();
        let mut is_whole = true;
        for inner in item.items {
            match inner {
                ImplItem::Fn(function) => {
                    let name = function.sig.ident.to_string();
                    let is_public = item.trait_.is_some() || is_public(&function.vis);
                    let signature = function.sig;
                    let function = Function {
                        signature,
                        is_public,
                    };
                    self.methods
                        .entry((class.clone(), name))
                        .or_insert(function);
                }
                ImplItem::Macro(_) | ImplItem::Verbatim(_) => is_whole = false,
                _ => {}
            }
        }
        is_whole
    }
}

/// A way from the root, for one from a module.
fn absolute(here: &[String], way: &[String]) -> ModulePath {
    let mut path = here.to_vec();
    let mut parts = way.iter().map(String::as_str).peekable();
    while let Some(part) = parts.next() {
        match part {
            "self" => {}
            "super" => drop(path.pop()),
            "crate" if parts.next_if_eq(&"externs").is_some() => path.clear(),
            part => path.push(part.to_owned()),
        }
    }
    path
}

fn is_public(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}
