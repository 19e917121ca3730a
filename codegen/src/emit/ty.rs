//! Types, and the paths of items as seen from a module.

use super::Emitter;
use crate::format::{Tokens, rust};
use crate::ir::{ClassId, ClassKind, EnumId, ModuleId, Type};

impl Emitter<'_> {
    /// What stands before the name of an item of a module, where code of another is printed.
    pub(super) fn prefix(&self, item: ModuleId, here: ModuleId) -> Tokens {
        if item == here {
            return rust!();
        }
        let mut path = Vec::new();
        let mut next = Some(item);
        while let Some(id) = next.filter(|id| id.index() != 0) {
            path.push(&self.names.modules[id.index()]);
            next = self.program.module(id).parent;
        }
        let mut tokens = self.root();
        for name in path.into_iter().rev() {
            tokens.append(rust!(#name::));
        }
        tokens
    }

    /// The beginning of paths to the program's own items.
    pub(super) fn root(&self) -> Tokens {
        match &self.module {
            Some(module) => rust!(crate::#module::),
            None => rust!(crate::),
        }
    }

    /// The struct of a class.
    pub(super) fn class_path(&self, id: ClassId, here: ModuleId) -> Tokens {
        let class = self.program.class(id);
        let name = self.names.class(id);
        match class.kind {
            ClassKind::Predefined(_) => rust!(#name),
            ClassKind::External => rust!(crate::externs::#name),
            ClassKind::Ordinary | ClassKind::Server => {
                let prefix = self.prefix(class.module, here);
                rust!(#prefix #name)
            }
        }
    }

    /// The enumeration's type.
    pub(super) fn enum_path(&self, id: EnumId, here: ModuleId) -> Tokens {
        let prefix = self.prefix(self.program.enumeration(id).module, here);
        let name = self.names.enumeration(id);
        rust!(#prefix #name)
    }

    /// The Rust type of values of a type.
    pub(super) fn ty(&self, ty: Type, here: ModuleId) -> Tokens {
        let inner = |id| self.ty(self.program.types.at(id), here);
        match ty {
            Type::Void | Type::Poison | Type::Null => rust!(()),
            Type::Boolean => rust!(bool),
            Type::Char => rust!(char),
            Type::Octet => rust!(u8),
            Type::Short => rust!(i16),
            Type::Int => rust!(i32),
            Type::Long => rust!(i64),
            Type::UnsignedShort => rust!(u16),
            Type::UnsignedInt => rust!(u32),
            Type::UnsignedLong => rust!(u64),
            Type::Float => rust!(f32),
            Type::Double => rust!(f64),
            Type::String => rust!(Text),
            Type::Date => rust!(Date),
            Type::Time => rust!(Time),
            Type::Timestamp => rust!(Timestamp),
            Type::Interval => rust!(Interval),
            Type::Host => rust!(Host),
            Type::Error => rust!(Error),
            Type::Enum(id) => self.enum_path(id, here),
            Type::Class(id) => {
                let path = self.class_path(id, here);
                match self.program.class(id).kind {
                    ClassKind::External => rust!(Extern<#path>),
                    _ => rust!(Ref<#path>),
                }
            }
            Type::Set(id) => {
                let item = inner(id);
                rust!(Set<#item>)
            }
            Type::Bag(id) => {
                let item = inner(id);
                rust!(Bag<#item>)
            }
            Type::List(id) => {
                let item = inner(id);
                rust!(List<#item>)
            }
            Type::Map(key, value) => {
                let (key, value) = (inner(key), inner(value));
                rust!(Map<#key, #value>)
            }
            Type::Array(id) => {
                let item = inner(id);
                rust!(Array<#item>)
            }
            Type::Future(id) => {
                let item = inner(id);
                rust!(Future<#item>)
            }
        }
    }
}

/// Whether values are `Copy` in Rust.
pub(super) fn is_copy(ty: Type) -> bool {
    ty.is_number()
        || matches!(
            ty,
            Type::Void
                | Type::Boolean
                | Type::Char
                | Type::Date
                | Type::Time
                | Type::Timestamp
                | Type::Interval
                | Type::Enum(_)
        )
}
