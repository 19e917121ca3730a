//! What a Rust file provides, as far as its text tells.

use std::collections::{BTreeMap, BTreeSet};
use syn::{ImplItem, Item, Visibility};

/// A function as it is declared.
pub(super) struct Function {
    pub signature: syn::Signature,
    pub is_public: bool,
}

/// The items of a file that `extern` declarations may mean.
pub(super) struct Provided {
    pub functions: BTreeMap<String, Function>,
    pub classes: BTreeSet<String>,
    /// Inherent functions, and those of traits, by class and name.
    pub methods: BTreeMap<(String, String), Function>,
    /// Nothing comes from macros or by `pub use`.
    pub is_whole: bool,
    /// There are modules in files of their own, which may add to its classes.
    pub has_other_files: bool,
}

impl Provided {
    /// Reads a file; nothing if it is no Rust.
    pub(super) fn of(text: &str) -> Option<Provided> {
        let mut provided = Provided {
            functions: BTreeMap::new(),
            classes: BTreeSet::new(),
            methods: BTreeMap::new(),
            is_whole: true,
            has_other_files: false,
        };
        for item in syn::parse_file(text).ok()?.items {
            provided.take(item);
        }
        Some(provided)
    }

    fn take(&mut self, item: Item) {
        match item {
            Item::Fn(function) => {
                let name = function.sig.ident.to_string();
                let function = Function {
                    is_public: is_public(&function.vis),
                    signature: function.sig,
                };
                self.functions.insert(name, function);
            }
            Item::Struct(item) => self.take_class(&item.ident),
            Item::Enum(item) => self.take_class(&item.ident),
            Item::Union(item) => self.take_class(&item.ident),
            Item::Type(item) => {
                // The functions are those of another type.
                self.is_whole = false;
                self.take_class(&item.ident);
            }
            Item::Impl(item) => self.take_implementation(item),
            Item::Mod(item) => self.has_other_files |= item.content.is_none(),
            Item::Use(item) if matches!(item.vis, Visibility::Inherited) => {}
            Item::Macro(_) | Item::Use(_) | Item::Verbatim(_) => self.is_whole = false,
            _ => {}
        }
    }

    fn take_class(&mut self, name: &syn::Ident) {
        self.classes.insert(name.to_string());
    }

    fn take_implementation(&mut self, item: syn::ItemImpl) {
        let syn::Type::Path(path) = &*item.self_ty else {
            return;
        };
        let Some(class) = path.path.segments.last() else {
            return;
        };
        let class = class.ident.to_string();
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
                ImplItem::Macro(_) | ImplItem::Verbatim(_) => self.is_whole = false,
                _ => {}
            }
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}
